// The start button waits for the name where a name is asked for.
(() => {
  "use strict";
  function guard() {
    const field = document.getElementById("confirm");
    const start = document.getElementById("start");
    if (!start || "blocked" in start.dataset) return;
    start.disabled = Boolean(field) && field.value.trim() !== field.dataset.wanted;
  }
  document.addEventListener("input", (event) => { if (event.target.id === "confirm") guard(); });
  // Typing the name or the reason makes no other plan.
  document.addEventListener("change", (event) => {
    if (["confirm", "reason"].includes(event.target.id)) event.stopPropagation();
  }, true);
  document.addEventListener("htmx:after:swap", guard);
  guard();
})();
