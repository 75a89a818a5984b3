/* What the pages do in the browser. Nothing is bound to single elements: events are caught at the document, so that
   pieces that htmx brings in work too. Attributes that a page may use:

   data-copy="TEXT"            copy it on click
   data-key="a"                press this element with the key; a field is gone to
   data-opens="ID"             open the <dialog> of that id; data-closes closes the one around
   data-typed="NAME"           (on an input in a dialog) the dialog's submit works only when this was typed
   data-since="ISO time"       count the seconds since then
   data-follow                 (on a log) stay at the end while new lines come, unless the reader scrolled up
   data-rows                   (on a table) j/k move, enter opens the row's data-href, x ticks its checkbox
   data-bulk="ID"              (on a form) show the bar of that id while something is ticked; [data-count] says how many
   data-all                    (on a checkbox) tick or untick all of the same form
   data-submits                (on a field) send its form when it changes
   data-keeps="NAME"           remember a form's fields in this tab until it was sent well, so that nothing typed is lost
   data-found                  hide the line that says that the panel did not answer
   data-pick / data-picked     a chooser: ticked entries move to the picked list and stay when the search changes */
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  // copy
  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const sign = button.querySelector(".material-symbols-outlined");
    if (!sign || button.classList.contains("done")) return;
    button.classList.add("done");
    sign.textContent = "check";
    setTimeout(() => { button.classList.remove("done"); sign.textContent = "content_copy"; }, 1500);
  }

  // dialogs
  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (!dialog) return;
    dialog.showModal();
    all("[data-typed]", dialog).forEach((field) => { field.value = ""; judgeTyped(field); });
  }
  function judgeTyped(field) {
    const button = field.closest("form")?.querySelector("[type=submit]");
    if (button) button.disabled = field.value.trim() !== field.dataset.typed;
  }

  // what can be pressed here, told by "?"
  function wordsOf(element) {
    const copy = element.cloneNode(true);
    all("kbd, .material-symbols-outlined", copy).forEach((sign) => sign.remove());
    return copy.textContent.trim() || element.getAttribute("aria-label") || element.title || element.placeholder || "";
  }
  function showKeys() {
    const dialog = document.getElementById("keys");
    if (!dialog) return;
    const pressed = all("[data-key]").filter((one) => !one.disabled && one.offsetParent !== null);
    const rows = pressed.map((one) => [one.dataset.key, one.matches("input, textarea, select") ? one.getAttribute("aria-label") || wordsOf(one) : wordsOf(one)]);
    if (document.querySelector("table[data-rows] tr[data-href]")) {
      rows.push(["j k", dialog.dataset.move], ["enter", dialog.dataset.opening]);
      if (document.querySelector("table[data-rows] tbody input[type=checkbox]")) rows.push(["x", dialog.dataset.select]);
    }
    rows.push(["Ctrl K", dialog.dataset.finding]);
    dialog.querySelector("dl").replaceChildren(...rows.flatMap(([key, words]) => {
      const [name, what, sign] = ["dt", "dd", "kbd"].map((kind) => document.createElement(kind));
      sign.textContent = key;
      what.textContent = words;
      name.append(sign);
      return [name, what];
    }));
    dialog.showModal();
  }

  // rows by keyboard
  function move(step) {
    const rows = all("table[data-rows] tbody tr[data-href]");
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
    if (at >= 0) rows[at].classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  const here = () => document.querySelector("table[data-rows] tr.here");

  function pressRowKey(event) {
    if (event.key === "j" || event.key === "k") return move(event.key === "j" ? 1 : -1);
    const row = here();
    if (!row) return false;
    if (event.key === "x") {
      const box = row.querySelector("input[type=checkbox]");
      if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
      return Boolean(box);
    }
    if (event.key === "Enter" && !event.target.closest("a, button, input")) { location.assign(row.dataset.href); return true; }
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); showKeys(); return; }
    if (pressRowKey(event)) { event.preventDefault(); return; }
    const pressed = all("[data-key]").find((one) => one.dataset.key === event.key && !one.disabled && one.offsetParent !== null);
    if (!pressed) return;
    event.preventDefault();
    if (pressed.matches("input, textarea, select")) pressed.focus();
    else pressed.click();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) { event.preventDefault(); copy(button); return; }
    const opener = event.target.closest("[data-opens]");
    if (opener) { event.preventDefault(); openDialog(opener.dataset.opens); return; }
    if (event.target.closest("[data-closes]")) { event.preventDefault(); event.target.closest("dialog")?.close(); return; }
    if (event.target.closest("[data-found]")) { find(); return; }
    const unpick = event.target.closest("[data-unpick]");
    if (unpick) { event.preventDefault(); takeFromPicked(unpick); }
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-typed]")) judgeTyped(event.target);
    const form = event.target.closest("form[data-keeps]");
    if (form) keep(form);
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-all]")) {
      all("tbody input[type=checkbox]", target.closest("form")).forEach((box) => { box.checked = target.checked; });
    }
    if (target.matches("[data-submits]")) target.form.requestSubmit();
    if (target.matches("[data-pick]")) pick(target);
    const form = target.closest("form[data-bulk]");
    if (form) showBulk(form);
    const kept = target.closest("form[data-keeps]");
    if (kept) keep(kept);
  });

  function showBulk(form) {
    const bar = document.getElementById(form.dataset.bulk);
    if (!bar) return;
    const count = all("tbody input[type=checkbox]:checked", form).length;
    bar.hidden = count === 0;
    all("[data-count]", bar).forEach((place) => { place.textContent = count; });
  }

  // a chooser that searches as one types
  function pick(box) {
    const form = box.closest("form");
    const picked = form.querySelector("[data-picked]");
    if (!box.checked || !picked) { return; }
    if (!picked.querySelector(`input[value="${CSS.escape(box.value)}"]`)) {
      const chip = document.createElement("span");
      const field = document.createElement("input");
      const off = document.createElement("button");
      chip.className = "chip";
      field.type = "hidden";
      field.name = box.dataset.pick;
      field.value = box.value;
      off.type = "button";
      off.dataset.unpick = "";
      off.setAttribute("aria-label", `${picked.dataset.picked} ${box.dataset.label}`);
      off.textContent = "×";
      chip.append(box.dataset.label, field, off);
      picked.append(chip);
    }
    box.closest("label").remove();
    picked.dispatchEvent(new Event("picked", { bubbles: true }));
  }
  function takeFromPicked(button) {
    const picked = button.closest("[data-picked]");
    button.closest(".chip").remove();
    picked.dispatchEvent(new Event("picked", { bubbles: true }));
  }

  // nothing typed is lost: kept in this tab under the form's name until the server took it
  function keep(form) {
    const values = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
    try { sessionStorage.setItem(`kept:${form.dataset.keeps}`, JSON.stringify(values)); } catch { /* storage is full or off: the form still works */ }
  }
  function bringBack(form) {
    const text = sessionStorage.getItem(`kept:${form.dataset.keeps}`);
    if (!text || form.dataset.fresh === undefined) return;
    for (const [name, value] of JSON.parse(text)) {
      const field = form.elements.namedItem(name);
      if (field instanceof RadioNodeList) field.value = value;
      else if (field && field.type === "checkbox") field.checked = true;
      else if (field && field.type !== "hidden" && field.tagName !== "SELECT") field.value = value;
      else if (field && field.tagName === "SELECT" && !field.multiple) field.value = value;
    }
    all("[data-kept-note]", form).forEach((note) => { note.hidden = false; });
  }

  // time that runs
  const counted = (unit, number, digits = 0) => new Intl.NumberFormat(document.documentElement.lang || "en", {
    style: "unit", unit, unitDisplay: "short", minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(number).replace("sec", "s");
  function lasting(seconds) {
    const whole = Math.floor(seconds);
    if (whole < 60) return counted("second", seconds, 1);
    if (whole < 3600) return `${counted("minute", Math.floor(whole / 60))} ${counted("second", whole % 60)}`;
    return `${counted("hour", Math.floor(whole / 3600))} ${counted("minute", Math.floor(whole / 60) % 60)}`;
  }
  function tick() {
    for (const place of all("[data-since]")) {
      place.textContent = lasting(Math.max(0, (Date.now() - Date.parse(place.dataset.since)) / 1000));
    }
  }
  setInterval(tick, 200);

  // logs that follow
  const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  function follow() {
    for (const log of all("[data-follow]")) if (log.dataset.left === undefined) log.scrollTop = log.scrollHeight;
  }
  document.addEventListener("scroll", (event) => {
    const log = event.target;
    if (!(log instanceof Element) || !log.matches("[data-follow]")) return;
    if (atEnd(log)) delete log.dataset.left; else log.dataset.left = "";
  }, true);

  // a panel that does not answer, or cannot do what was asked, is said; silence ends by itself when it answers again
  function lose(why, id) {
    const place = document.getElementById("lost");
    if (!place) return;
    place.firstElementChild.textContent = place.dataset[why] + (id ? ` ${place.dataset.log} ${id}` : "");
    place.dataset.why = why;
    place.hidden = false;
  }
  function find(why) {
    const place = document.getElementById("lost");
    if (place && (!why || place.dataset.why === why)) place.hidden = true;
  }
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => lose("silent"));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status >= 500 || requestConfig?.verb !== "get") lose("failed", xhr.getResponseHeader("Error-Id"));
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) find("silent"); });

  document.addEventListener("htmx:afterSettle", () => { follow(); tick(); });
  document.addEventListener("DOMContentLoaded", () => {
    follow();
    tick();
    all("form[data-bulk]").forEach(showBulk);
    all("form[data-keeps]").forEach(bringBack);
    all("[data-sent]").forEach((mark) => sessionStorage.removeItem(`kept:${mark.dataset.sent}`));
  });
})();
