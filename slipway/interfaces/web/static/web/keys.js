// The list of keys: those of every page, and those that the things on this page carry.
(() => {
  "use strict";
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const here = dialog.querySelector("[data-here]");

  function label(element) {
    const copy = element.cloneNode(true);
    for (const kbd of copy.querySelectorAll("kbd")) kbd.remove();
    return copy.textContent.trim() || element.getAttribute("aria-label") || "";
  }

  function row(key, text) {
    const [name, kbd, what] = ["dt", "kbd", "dd"].map((each) => document.createElement(each));
    kbd.textContent = key;
    name.append(kbd);
    what.textContent = text;
    return [name, what];
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open=keys]");
    if (!opener || dialog.open) return;
    const told = [...document.querySelectorAll("[data-key]:not(:disabled, [aria-disabled=true])")]
      .filter((element) => element !== opener)
      .flatMap((element) => row(element.dataset.key, label(element)));
    here.replaceChildren(...told);
    here.hidden = !told.length;
    dialog.showModal();
  });
})();
