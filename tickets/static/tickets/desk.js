/* What the desk's pages do in the browser besides panel.js and machines.js. Attributes that a page may use:

   data-composer            (on the form of a ticket) drafts, canned responses by "/", colleagues by "@", files by drop,
                            Ctrl+Enter
   data-preview="URL"       (on a row of the queue) shown at the side on wide screens when the row is chosen
   data-opens-itself        (on a dialog that htmx brings in) open it as soon as it is there
   data-quotes="ID"         take an entry's text into the answer; data-forwards="PK" forwards that entry */

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const composer = document.querySelector("[data-composer]");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

// the shell would write a chosen file's name into the next text field, as its own file widgets are drawn; ours are not
for (const field of all(".rd input[type=file]")) field.hasChangeListener = true;

// the composer
if (composer) {
  const area = composer.querySelector("[data-writes]");
  const saved = composer.querySelector("[data-saved]");
  const picker = composer.querySelector("[data-canned-list]");
  const files = composer.querySelector("[data-files]");
  const chosen = composer.querySelector("[data-chosen]");
  const writing = composer.querySelector("#is-writing");
  const kinds = { reply: "response", note: "note" };
  const texts = Object.fromEntries(all("template[data-draft-of]", composer).map((one) => [one.dataset.draftOf, one.innerHTML]));
  const kind = () => composer.querySelector("[name=kind]:checked")?.value ?? "reply";
  let shown = kind();
  let waiting = 0;
  let stilled = 0;

  const decode = (html) => { const box = document.createElement("textarea"); box.innerHTML = html; return box.value; };
  for (const name of Object.keys(texts)) texts[name] = decode(texts[name]);

  async function keep() {
    const name = kinds[kind()];
    if (!name) return;
    const body = new URLSearchParams({ kind: name, text: area.value });
    try {
      const answer = await fetch(composer.dataset.draft, { method: "POST", body, headers: { "X-CSRFToken": token() }, keepalive: true });
      saved.textContent = answer.ok ? (area.value.trim() ? saved.dataset.word || "✓" : "") : saved.dataset.lost || "";
    } catch { saved.textContent = saved.dataset.lost || ""; }
  }
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    clearTimeout(stilled);
    writing.value = "1";
    stilled = setTimeout(() => { writing.value = "0"; }, 15000);
    waiting = setTimeout(keep, 900);
    offerColleagues();
    if (area.value === "/" || /\n\/$/.test(area.value.slice(0, area.selectionStart))) openCanned();
  });
  for (const box of all("[name=kind]", composer)) {
    box.addEventListener("change", () => {
      clearTimeout(waiting);
      const before = kinds[shown];
      if (before) texts[before] = area.value;
      const name = kinds[kind()];
      if (name && (texts[name] ?? "") !== "") area.value = texts[name];
      else if (before && name && area.value === (texts[before] ?? "")) area.value = "";
      shown = kind();
      area.focus();
    });
  }
  composer.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      composer.requestSubmit(composer.querySelector("[data-sends]"));
    }
    if (event.key === "Escape") { closeCanned(); document.activeElement?.blur(); }
  });
  composer.addEventListener("submit", (event) => {
    if (composer.dataset.sent) { event.preventDefault(); return; }
    composer.dataset.sent = "1";
    clearTimeout(waiting);
  });
  addEventListener("pageshow", () => { delete composer.dataset.sent; });
  // at once and not by the browser's own click, or what is typed right behind the key would be lost
  for (const label of all(".tabs label", composer)) {
    label.addEventListener("click", (event) => {
      const box = label.querySelector("input");
      if (event.target === box) return;
      event.preventDefault();
      if (!box.checked) { box.checked = true; box.dispatchEvent(new Event("change", { bubbles: true })); }
      area.focus();
      area.scrollIntoView({ block: "nearest" });
    });
  }

  // canned responses
  let asking = 0;
  async function openCanned() {
    delete picker.dataset.names;
    picker.hidden = false;
    picker.innerHTML = '<input type="search"><div></div>';
    const search = picker.firstElementChild;
    search.placeholder = composer.querySelector("[data-opens-canned]")?.dataset.words ?? "";
    search.setAttribute("aria-label", search.placeholder);
    search.addEventListener("input", () => { clearTimeout(asking); asking = setTimeout(() => list(search.value), 150); });
    search.addEventListener("keydown", (event) => {
      const rows = all("button", picker);
      const at = rows.findIndex((row) => row.classList.contains("here"));
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        rows[at]?.classList.remove("here");
        rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.classList.add("here");
      }
      if (event.key === "Enter" && !event.ctrlKey) { event.preventDefault(); (rows[at] ?? rows[0])?.click(); }
      if (event.key === "Escape") { event.stopPropagation(); closeCanned(); area.focus(); }
    });
    await list("");
    search.focus();
  }
  async function list(words) {
    const answer = await fetch(`${composer.dataset.canned}?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 200 && picker.lastElementChild) picker.lastElementChild.innerHTML = await answer.text();
    picker.querySelector("button")?.classList.add("here");
  }
  // the files of a canned response go along; its key stands in the form until they are taken out again
  const brought = composer.querySelector("[data-of-canned]");
  function bring(key, names) {
    if (!names || brought.querySelector(`[name=canned][value="${Number(key)}"]`)) return;
    const chip = document.createElement("span");
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "canned", value: key });
    const out = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "×" });
    out.setAttribute("aria-label", brought.dataset.word);
    out.dataset.leavesOut = "";
    chip.append(names, field, out);
    brought.append(chip);
  }
  brought.addEventListener("click", (event) => { event.target.closest("[data-leaves-out]")?.parentElement.remove(); });
  function closeCanned() { picker.hidden = true; picker.innerHTML = ""; delete picker.dataset.names; }
  composer.querySelector("[data-opens-canned]")?.addEventListener("click", () => (picker.hidden ? openCanned() : closeCanned()));
  picker.addEventListener("click", async (event) => {
    const row = event.target.closest("button[data-takes]");
    if (!row) return;
    const answer = await fetch(row.dataset.takes, { headers: { "HX-Request": "true" } });
    if (answer.status !== 200) return;
    const text = await answer.text();
    const at = area.selectionStart;
    const head = area.value.slice(0, at).replace(/\/$/, "");
    area.value = head + text + area.value.slice(at);
    bring(row.dataset.cannedKey, row.dataset.brings);
    closeCanned();
    area.focus();
    area.selectionStart = area.selectionEnd = head.length + text.length;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("click", (event) => { if (!event.target.closest("[data-canned-list], [data-opens-canned]")) closeCanned(); });

  // colleagues by "@", in a note
  let naming = 0;
  const typedName = () => /(?:^|[\s(])@([\p{L}\p{N}._-]{0,40})$/u.exec(area.value.slice(0, area.selectionStart));
  function offerColleagues() {
    clearTimeout(naming);
    if (kind() !== "note" || !typedName()) { if (picker.dataset.names) closeCanned(); return; }
    naming = setTimeout(async () => {
      const answer = await fetch(`${composer.dataset.colleagues}?${new URLSearchParams({ q: typedName()?.[1] ?? "" })}`, { headers: { "HX-Request": "true" } });
      if (answer.status !== 200 || !typedName()) return;
      picker.innerHTML = await answer.text();
      picker.dataset.names = "1";
      picker.hidden = !picker.firstElementChild;
      picker.querySelector("button")?.classList.add("here");
    }, 120);
  }
  area.addEventListener("keydown", (event) => {
    if (picker.hidden || !picker.dataset.names) return;
    const rows = all("button", picker);
    const at = rows.findIndex((row) => row.classList.contains("here"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      rows[at]?.classList.remove("here");
      rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.classList.add("here");
    }
    if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && rows.length) { event.preventDefault(); (rows[at] ?? rows[0]).click(); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); closeCanned(); }
  });
  picker.addEventListener("click", (event) => {
    const row = event.target.closest("button[data-mentions]");
    const typed = row && typedName();
    if (!typed) return;
    const at = area.selectionStart - typed[1].length;
    const rest = area.value.slice(area.selectionStart);
    area.value = `${area.value.slice(0, at)}${row.dataset.mentions} ${rest}`;
    closeCanned();
    area.focus();
    area.selectionStart = area.selectionEnd = at + row.dataset.mentions.length + 1;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // files by field and by drop
  function showFiles() {
    chosen.replaceChildren(...[...files.files].map((file) => {
      const chip = document.createElement("span");
      chip.textContent = `${file.name} · ${file.size < 1024 ? `${file.size} B` : file.size < 1048576 ? `${Math.round(file.size / 1024)} KiB` : `${(file.size / 1048576).toFixed(1)} MiB`}`;
      const off = document.createElement("button");
      off.type = "button";
      off.className = "plain";
      off.textContent = "×";
      off.setAttribute("aria-label", `× ${file.name}`);
      off.addEventListener("click", () => { put([...files.files].filter((one) => one !== file)); });
      chip.append(off);
      return chip;
    }));
  }
  function put(list) {
    const held = new DataTransfer();
    for (const file of list) held.items.add(file);
    files.files = held.files;
    showFiles();
  }
  files.addEventListener("change", showFiles);
  for (const name of ["dragenter", "dragover"]) composer.addEventListener(name, (event) => { event.preventDefault(); composer.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) composer.addEventListener(name, () => composer.classList.remove("over"));
  composer.addEventListener("drop", (event) => { event.preventDefault(); put([...files.files, ...event.dataTransfer.files]); });
  area.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); put([...files.files, ...event.clipboardData.files]); } });

  document.addEventListener("click", (event) => {
    const quotes = event.target.closest("[data-quotes]");
    const forwards = event.target.closest("[data-forwards]");
    if (quotes) {
      const parts = all(":scope > .bubble > .said > .part", document.getElementById(quotes.dataset.quotes));
      const lines = parts.map((part) => part.innerText.trim()).join("\n").split("\n").map((line) => `> ${line}`).join("\n");
      area.value = `${area.value ? `${area.value.trimEnd()}\n\n` : ""}${lines}\n\n`;
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (forwards) {
      composer.querySelector("[name=entry]").value = forwards.dataset.forwards;
      composer.querySelector("[value=forward]").click();
      composer.querySelector("[name=to]").focus();
    }
  });
}

// a ticket opens where reading goes on: at the first new entry, else at the newest one
if (!location.hash) {
  const entries = all("#thread .entry");
  const next = entries.find((one) => one.classList.contains("is-new")) ?? entries.at(-1);
  if (next && entries[0] !== next && next.getBoundingClientRect().bottom > innerHeight * 0.6) next.scrollIntoView({ block: next.classList.contains("is-new") ? "start" : "end" });
}

// dialogs that come when they are opened
document.addEventListener("htmx:afterSwap", (event) => {
  event.detail.target?.querySelector?.(":scope > dialog[data-opens-itself]")?.showModal();
});

// the preview beside the queue
const side = document.querySelector("[data-preview-place]");
let previewed = "";
async function preview() {
  const row = document.querySelector("table[data-rows] tr.here");
  if (!side || !row || side.offsetParent === null || row.dataset.preview === previewed) return;
  previewed = row.dataset.preview;
  const answer = await fetch(previewed, { headers: { "HX-Request": "true" } });
  if (answer.status === 200 && row.dataset.preview === previewed) side.innerHTML = await answer.text();
}
if (side) {
  document.addEventListener("keyup", preview);
  document.addEventListener("click", (event) => {
    const row = event.target.closest("table[data-rows] tr[data-preview]");
    if (!row || event.target.closest("a, input, button, label")) return;
    for (const one of all("table[data-rows] tr.here")) one.classList.remove("here");
    row.classList.add("here");
    preview();
  });
}

// one of the people who fit what is typed
document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-email]");
  if (!one) return;
  const form = one.closest("form");
  const name = form.elements.namedItem("name");
  form.elements.namedItem("email").value = one.dataset.email;
  if (name) name.value = one.dataset.name;
  one.closest(".suggest").replaceChildren();
});
// the columns of a saved queue are kept with it
const shownColumns = (name) => all(`[data-columns="${name}"] input:checked`).map((box) => box.value).join(",");
for (const panel of all("[data-columns-kept]")) {
  panel.addEventListener("change", () => {
    const body = new URLSearchParams({ columns: shownColumns(panel.dataset.columns) });
    fetch(panel.dataset.columnsKept, { method: "POST", body, headers: { "X-CSRFToken": token() }, keepalive: true });
  });
}
document.addEventListener("submit", (event) => {
  for (const field of all("[data-columns-of]", event.target)) field.value = shownColumns(field.dataset.columnsOf);
});
