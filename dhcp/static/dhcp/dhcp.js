/* What DHCP's pages do in the browser besides panel.js and machines.js. Attributes that a page may use:

   data-rows-in="NAME"        a table of inputs: [data-add-row] beside it adds the row of its <template>,
                              [data-drop-row] in a row removes it; the form's data-check says what it thinks of a row
   data-map                   the map of a subnet: a click opens an address, arrows move, dragging (or Shift with arrows)
                              selects a range for the page of data-pool */

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// rows of a form
document.addEventListener("click", (event) => {
  const add = event.target.closest?.("[data-add-row]");
  if (add) {
    const field = add.closest(".field");
    const row = field.querySelector("template").content.firstElementChild.cloneNode(true);
    field.querySelector("[data-rows-in]").append(row);
    row.querySelector("input, select").focus();
  }
  const drop = event.target.closest?.("[data-drop-row]");
  if (drop) {
    const form = drop.closest("form");
    drop.closest(".row-in").remove();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
// What panel.js keeps of a form comes back into its rows, too. A form that was sent and is not shown again was taken.
const SENT = "sent-dhcp";
for (const form of all("form[data-keeps][data-fresh]")) {
  const kept = JSON.parse(sessionStorage.getItem(`kept:${form.dataset.keeps}`) ?? "null");
  if (!kept) continue;
  for (const table of all("[data-rows-in]", form)) {
    const empty = table.closest(".field").querySelector("template").content.firstElementChild;
    const lists = all("input, select", empty).map(({ name }) => kept.filter(([one]) => one === name).map(([, value]) => value));
    const rows = (lists[0] ?? []).map((_, at) => lists.map((list) => list[at] ?? "")).filter((row) => row.some(Boolean));
    if (!lists[0]?.length) continue;
    table.replaceChildren(...[...rows, []].map((row) => {
      const made = empty.cloneNode(true);
      all("input, select", made).forEach((field, at) => { field.value = row[at] ?? ""; });
      return made;
    }));
  }
}
const sent = sessionStorage.getItem(SENT);
if (sent && !document.querySelector(`form[data-keeps="${CSS.escape(sent)}"]`)) sessionStorage.removeItem(`kept:${sent}`);
sessionStorage.removeItem(SENT);
document.addEventListener("submit", (event) => {
  if (event.target.dataset.keeps) sessionStorage.setItem(SENT, event.target.dataset.keeps);
});
let asking = 0;
document.addEventListener("input", (event) => {
  const row = event.target.closest?.(".row-in");
  const form = event.target.closest?.("form[data-check]");
  const table = row?.closest("[data-rows-in]").dataset.rowsIn;
  if (!row || !form || !["options", "ranges"].includes(table)) return;
  clearTimeout(asking);
  const typed = all("input, select", row).map((field) => field.value);
  const names = table === "options" ? ["option", "value"] : ["first", "last"];
  const query = new URLSearchParams({ [names[0]]: typed[0], [names[1]]: typed[1], server: form.dataset.server });
  asking = setTimeout(async () => {
    const answer = await fetch(`${form.dataset.check}?${query}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 200) row.querySelector(".live").innerHTML = await answer.text();
  }, 250);
});

// the map
const map = document.querySelector("[data-map]");
if (map) {
  const cells = all("i[data-ip]", map);
  const place = document.querySelector("#address");
  const bar = document.querySelector("[data-selected]");
  let begin = -1;
  let end = -1;
  let isDown = false;
  let moved = false;

  const index = (cell) => cells.indexOf(cell);
  function draw() {
    const [low, high] = [Math.min(begin, end), Math.max(begin, end)];
    const isRange = bar && begin >= 0 && low !== high;
    cells.forEach((cell, at) => cell.classList.toggle("sel", isRange && at >= low && at <= high));
    if (bar) bar.hidden = !isRange;
    if (!isRange) return;
    const [first, last] = [cells[low].dataset.ip, cells[high].dataset.ip];
    bar.querySelector("[data-selected-words]").textContent = `${first} – ${last} (${high - low + 1})`;
    bar.querySelector("[data-selected-link]").href = `${map.dataset.pool}&${new URLSearchParams({ first, last })}`;
  }
  async function open(cell) {
    for (const other of cells) other.classList.toggle("open", other === cell);
    const answer = await fetch(`${map.dataset.address}?address=${encodeURIComponent(cell.dataset.ip)}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 200) place.innerHTML = await answer.text();
    const { top } = cell.getBoundingClientRect();  // the panel lies over the lower part of a narrow window
    if (matchMedia("(max-width: 60rem)").matches && top > innerHeight * 0.3) scrollBy(0, top - innerHeight * 0.2);
  }
  function close() {
    place.replaceChildren();
    for (const cell of cells) cell.classList.remove("open");
  }
  place.addEventListener("click", (event) => { if (event.target.closest("[data-leaves]")) close(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  function focus(at) {
    const cell = cells[Math.max(0, Math.min(cells.length - 1, at))];
    for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
    cell.focus();
    return index(cell);
  }

  if (cells.length) cells[0].tabIndex = 0;
  map.addEventListener("pointerdown", (event) => {
    const at = index(event.target.closest("i[data-ip]"));
    if (at < 0 || event.button !== 0) return;
    isDown = event.pointerType === "mouse";
    moved = false;
    [begin, end] = [at, at];
    draw();
  });
  map.addEventListener("pointerover", (event) => {
    const at = index(event.target.closest("i[data-ip]"));
    if (!isDown || at < 0 || at === end) return;
    [end, moved] = [at, true];
    draw();
  });
  document.addEventListener("pointerup", () => { isDown = false; });
  map.addEventListener("click", (event) => {
    const cell = event.target.closest("i[data-ip]");
    if (cell && !moved) { focus(index(cell)); open(cell); }
  });
  map.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -16, ArrowDown: 16 };
    const at = index(event.target);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); open(cells[at]); return; }
    if (!(event.key in steps)) return;
    event.preventDefault();
    if (event.shiftKey && begin < 0) begin = at;
    const next = focus(at + steps[event.key]);
    if (event.shiftKey) end = next; else [begin, end] = [next, next];
    draw();
  });
  bar?.querySelector("[data-selected-none]").addEventListener("click", () => { begin = end = -1; draw(); });
}
