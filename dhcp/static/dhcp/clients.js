/* The form of a reservation: what the panel knows of a MAC and of addresses is said while they are typed.

   form[data-remarks="URL"]   asks URL?of=mac|addresses with what is typed, for the places with data-remark
   data-take="ADDRESS"        put the address into the form
   data-free="URL"            ask for a free address of the chosen subnet, after the one that stands there */

const form = document.querySelector("form[data-remarks]");

if (form) {
  const field = (name) => form.elements.namedItem(name);
  const place = (name) => form.querySelector(`[data-remark="${name}"]`);
  const asked = {};

  async function fill(name, url) {
    const number = (asked[name] = (asked[name] ?? 0) + 1);
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.status !== 200 || number !== asked[name]) return;
    place(name).innerHTML = await answer.text();
    for (const take of place(name).querySelectorAll("[data-take]")) {
      take.hidden = take.dataset.take === field("addresses").value.trim();
    }
  }
  function remark(name) {
    const query = new URLSearchParams({
      of: name, mac: field("mac").value, addresses: field("addresses").value, own: form.dataset.own,
      leaves: field("leaves_range").checked ? "1" : "",
    });
    return fill(name, `${form.dataset.remarks}?${query}`);
  }

  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (!["mac", "addresses", "leaves_range"].includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { remark("mac"); remark("addresses"); }, 250);
  });
  form.addEventListener("click", (event) => {
    const take = event.target.closest("[data-take]");
    if (take) {
      field("addresses").value = take.dataset.take;
      field("addresses").dispatchEvent(new Event("input", { bubbles: true }));
      field("addresses").focus();
    }
    const free = event.target.closest("[data-free]");
    if (free) {
      const query = new URLSearchParams({
        subnet: document.getElementById("free-in").value, after: field("addresses").value.trim(),
      });
      fill("addresses", `${free.dataset.free}?${query}`);
    }
  });
  if (field("mac").value || field("addresses").value) { remark("mac"); remark("addresses"); }
}
