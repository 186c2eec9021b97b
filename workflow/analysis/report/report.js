
"use strict";
// The answer, the counts and the claims read without it. It fills what is folded, filters and sorts, and follows links.
(() => {
  const store = JSON.parse(document.getElementById("store").textContent);
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const shown = document.getElementById("shown");
  const groups = Array.from(document.querySelectorAll("#list > details.rank"));
  const opened = {};
  let wasNarrowed = false; // what is found is never folded; what is not looked for is as it was at first

  const inflated = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  const part = (name) => (opened[name] ??= inflated(store[name]));

  const fill = async (host) => {
    if (!host.dataset.part || host.dataset.filled) return;
    host.dataset.filled = "yes";
    const text = (await part(host.dataset.part))[host.dataset.key];
    host.insertAdjacentHTML("beforeend", text);
  };

  // Where an element is that has not been made yet: fill what holds it, from the outside in.
  const made = async (wanted, find) => {
    if (find()) return find();
    for (const name of Object.keys(store)) {
      if (name === "files") continue;
      for (const [key, text] of Object.entries(await part(name))) {
        if (!text.includes(wanted)) continue;
        const own = `[data-part="${CSS.escape(name)}"][data-key="${CSS.escape(key)}"]`;
        const host = await made(`data-part="${name}" data-key="${key}"`, () => document.querySelector(own));
        await fill(host);
        return find();
      }
    }
    return null;
  };

  const claims = Array.from(document.querySelectorAll(".claim"), (element) => ({
    element,
    findings: element.dataset.findings.split(" ").map((finding) => finding.split(":")),
    order: element.dataset.order.split(" ").map(Number),
    text: element.textContent.toLowerCase(),
  }));
  const fields = ["layer", "verdict", "rank", "sort", "q"];
  const value = (name) => form.elements[name].value.trim();
  const matches = (claim, layer, verdict) =>
    claim.findings.some((found) => (!layer || found[0] === layer) && (!verdict || found[1] === verdict));

  const filter = () => {
    const [layer, verdict, rank, sort, text] = fields.map(value);
    let count = 0;
    for (const claim of claims) {
      const fits = matches(claim, layer, verdict) && (!rank || claim.element.dataset.rank === rank) &&
        claim.text.includes(text.toLowerCase());
      claim.element.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${claims.length} claims`;
    const keys = { place: [2], worst: [1, 0, 2] }[sort] ?? [0, 1, 2];
    claims.sort((one, other) => keys.map((key) => one.order[key] - other.order[key]).find((sign) => sign) ?? 0);
    const narrowed = Boolean(layer || verdict || rank || text);
    for (const group of groups) {
      const own = claims.filter(({ element }) => element.dataset.rank === group.dataset.rank);
      if (!sort) group.append(...own.map(({ element }) => element));
      group.hidden = own.every(({ element }) => element.hidden);
      if (narrowed || wasNarrowed) group.open = narrowed;
    }
    wasNarrowed = narrowed;
    list.replaceChildren(...(sort ? claims.map(({ element }) => element) : groups));
  };

  const write = () => {
    const state = new URLSearchParams(fields.map((name) => [name, value(name)]).filter(([, chosen]) => chosen));
    history.replaceState(null, "", `#claims${state.size ? `?${state}` : ""}`);
  };

  const follow = async () => {
    const [id, query] = decodeURIComponent(location.hash.slice(1)).split("?");
    if (id === "claims" && form) {
      const state = new URLSearchParams(query ?? "");
      for (const name of fields) form.elements[name].value = state.get(name) ?? "";
      filter();
    }
    if (!id) return;
    const target = await made(`id="${id}"`, () => document.getElementById(id));
    if (!target) return;
    if (target.matches(".claim[hidden]")) {
      for (const name of fields) form.elements[name].value = "";
      filter();
    }
    const table = target.matches("h3") && target.parentElement.querySelector(":scope > details");
    if (table) {
      await fill(table);
      table.open = true;
    }
    for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  };

  const save = async ({ dataset }) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([(await part(dataset.part))[dataset.key]]));
    link.download = dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const sorted = (button) => {
    const box = button.closest("details");
    const key = button.dataset.sort;
    const rows = Array.from(box.querySelectorAll(":scope > details.config"));
    const sign = key === "auc" || key === "done" ? -1 : 1;
    rows.sort((one, other) => sign * one.dataset[key].localeCompare(other.dataset[key], "en", { numeric: key !== "auc" }));
    box.append(...rows);
  };

  if (form) { // a report of other models than the paper's has no claims
    form.hidden = false;
    form.addEventListener("input", () => { filter(); write(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { filter(); write(); }));
    filter();
  }
  document.addEventListener("toggle", ({ target }) => target.open && fill(target), true);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.sort) sorted(button);
    if (button?.dataset.name) save(button);
    if (target.closest("a[href^='#']")?.getAttribute("href") === location.hash) follow(); // no change tells of it
  });
  addEventListener("hashchange", follow);
  follow();
})();
