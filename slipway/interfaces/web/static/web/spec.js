// Lines to begin with are put into the release spec: into an empty one, or after what stands there.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-lines]");
    if (!button) return;
    const spec = document.getElementById("spec");
    const lines = document.querySelector(button.dataset.lines).textContent;
    spec.value = spec.value.trim() ? `${spec.value.trimEnd()}\n${lines}` : lines;
    spec.focus();
  });
})();
