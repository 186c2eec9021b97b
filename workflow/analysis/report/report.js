
"use strict";
// Reading needs none of this: it adds filters of claims, and opens what a link points into.
(() => {
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const claims = Array.from(document.querySelectorAll("details.claim"), (element) => ({
    element,
    findings: element.dataset.findings.split(" ").map((finding) => finding.split(":")),
    text: element.textContent.toLowerCase(),
  }));

  const matches = (claim, layer, verdict, text) =>
    claim.findings.some((found) => (!layer || found[0] === layer) && (!verdict || found[1] === verdict)) &&
    claim.text.includes(text);

  const filter = () => {
    const { layer, verdict, text } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    let count = 0;
    for (const claim of claims) {
      const fits = matches(claim, layer.value, verdict.value, wanted);
      claim.element.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${claims.length} claims`;
  };

  // Browsers that do not open a folded part by themselves get help; the focus goes along in all.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("details.claim[hidden]")) form.reset();
    for (let part = target.parentElement; part; part = part.parentElement) {
      if (part instanceof HTMLDetailsElement) part.open = true;
    }
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  for (const link of document.querySelectorAll("a[data-verdict]")) {
    link.addEventListener("click", () => {
      form.elements.layer.value = link.dataset.layer;
      form.elements.verdict.value = link.dataset.verdict;
      form.elements.text.value = "";
      filter();
    });
  }
  addEventListener("hashchange", follow);
  filter();
  follow();
})();
