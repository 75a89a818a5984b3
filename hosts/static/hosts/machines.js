/* What the machines' pages do in the browser besides panel.js. Attributes that a page may use:

   data-card="URL"       (on a link) a card opens over it after a moment
   data-columns="NAME"   (around checkboxes) choose the columns of the table with data-columned="NAME"; remembered here
   data-suggests="URL"   (on a field) what fits is offered while one types; a click or Enter fills it in,
                         and with data-suggests-and-sends sends the form; data-suggests-at-once offers some on focus
   data-live="FIELD"     (in a field) ask the form's data-check URL about the field while it is typed
   details.filter-box    closes on Escape and on a click elsewhere */

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// cards over links
let waiting = 0;
let card = null;
function closeCard() {
  clearTimeout(waiting);
  card?.remove();
  card = null;
}
async function openCard(link) {
  const answer = await fetch(link.dataset.card, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.status !== 200 || !link.matches(":hover, :focus")) return;
  closeCard();
  const shell = document.createElement("div");
  shell.innerHTML = await answer.text();
  card = shell.firstElementChild;
  if (!card) return;
  link.closest(".rd").append(card);
  const box = link.getBoundingClientRect();
  const around = card.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
  const left = Math.max(8, Math.min(box.left, innerWidth - card.offsetWidth - 8));
  card.style.left = `${left - around.left}px`;
  card.style.top = `${box.bottom - around.top + 6}px`;
}
document.addEventListener("mouseover", (event) => {
  const link = event.target.closest?.("[data-card]");
  if (!link || !matchMedia("(hover: hover)").matches) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => openCard(link), 350);
});
document.addEventListener("mouseout", (event) => {
  if (event.target.closest?.("[data-card]")) closeCard();
});
document.addEventListener("scroll", closeCard, true);

// columns, remembered in this browser; with data-columns-fixed as the server says
function showColumns(panel) {
  const table = document.querySelector(`[data-columned="${panel.dataset.columns}"]`);
  if (!table) return;
  for (const box of all("input", panel)) {
    for (const cell of all(`[data-col="${box.value}"]`, table)) cell.hidden = !box.checked;
  }
}
for (const panel of all("[data-columns]")) {
  const key = `columns:${panel.dataset.columns}`;
  const isFixed = panel.dataset.columnsFixed !== undefined;
  const hidden = JSON.parse(localStorage.getItem(key) ?? "[]");
  if (!isFixed) for (const box of all("input", panel)) box.checked = !hidden.includes(box.value);
  showColumns(panel);
  panel.addEventListener("change", () => {
    if (!isFixed) localStorage.setItem(key, JSON.stringify(all("input:not(:checked)", panel).map((box) => box.value)));
    showColumns(panel);
  });
}

// what fits is offered while one types
let looking = 0;
function placeOf(field) {
  const around = field.closest(".field");
  return around.querySelector(".suggest") ?? field.insertAdjacentElement("afterend", Object.assign(document.createElement("div"), { className: "suggest" }));
}
async function suggest(field) {
  const place = placeOf(field);
  const least = field.dataset.suggestsAtOnce === undefined ? 2 : 0;
  if (field.value.trim().length < least) { place.replaceChildren(); return; }
  const url = new URL(field.dataset.suggests, location.href);
  url.searchParams.set("q", field.value);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.status === 200) place.innerHTML = await answer.text();
}
function takeSuggested(one) {
  const field = one.closest(".field")?.querySelector("[data-suggests]");
  if (!field) return;
  field.value = one.dataset.value;
  one.closest(".suggest").replaceChildren();
  field.dispatchEvent(new Event("change", { bubbles: true }));
  if (field.dataset.suggestsAndSends !== undefined) field.form.requestSubmit(); else field.focus();
}
document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-suggests]");
  if (!field) return;
  clearTimeout(looking);
  looking = setTimeout(() => suggest(field), 200);
});
document.addEventListener("focusin", (event) => {
  const field = event.target.closest?.("[data-suggests-at-once]");
  if (field && !field.value) suggest(field);
});
document.addEventListener("focusout", (event) => {
  const around = event.target.closest?.("[data-suggests-at-once], .suggest")?.closest(".field");
  if (around && !around.contains(event.relatedTarget)) around.querySelector(".suggest")?.replaceChildren();
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-suggests]");
  const rows = field ? all("[data-value]", placeOf(field)) : [];
  if (!rows.length) return;
  const at = rows.findIndex((one) => one.classList.contains("here"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    rows[at]?.classList.remove("here");
    rows[(at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length].classList.add("here");
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    takeSuggested(rows[at]);
  } else if (event.key === "Escape") {
    placeOf(field).replaceChildren();
  }
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".suggest [data-value]")) event.preventDefault(); // the field keeps the focus
});
document.addEventListener("click", (event) => {
  const one = event.target.closest(".suggest [data-value]");
  if (one) takeSuggested(one);
});

// live checks beside a field
let asking = 0;
document.addEventListener("input", (event) => {
  const place = event.target.closest?.(".field")?.querySelector("[data-live]");
  const form = event.target.closest?.("form[data-check]");
  if (!place || !form) return;
  clearTimeout(asking);
  const query = new URLSearchParams({ [place.dataset.live]: event.target.value, own: form.dataset.own });
  asking = setTimeout(async () => {
    const answer = await fetch(`${form.dataset.check}?${query}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 200) place.innerHTML = await answer.text();
  }, 250);
});

// panels close like menus
function closePanels(except) {
  for (const box of all("details.filter-box[open]")) if (box !== except) box.open = false;
}
document.addEventListener("click", (event) => closePanels(event.target.closest?.("details.filter-box")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { closePanels(null); closeCard(); }
});
document.querySelector(".summary-errors")?.focus();
