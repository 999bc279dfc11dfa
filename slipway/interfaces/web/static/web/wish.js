// The start button waits for the name where a name is asked for.
(() => {
  "use strict";

  function guard() {
    const field = document.getElementById("confirm");
    const start = document.getElementById("start");
    if (!start || "blocked" in start.dataset) return;
    start.disabled = Boolean(field) && field.value.trim() !== field.dataset.wanted;
  }
  document.addEventListener("input", (event) => {
    if (event.target.id === "confirm") guard();
  });
  // Typing the name or the reason makes no other plan.
  document.addEventListener("change", (event) => {
    if (["confirm", "reason"].includes(event.target.id)) event.stopPropagation();
  }, true);
  // What is typed is planned as it is typed, and what is searched for is found so. Until that plan
  // is there the one that is shown is another than what would start: the button waits, too.
  // Enter in a search starts no rollout.
  let due = 0;
  const search = () => {
    clearTimeout(due);
    due = 0;
    document.getElementById("wish").dispatchEvent(new Event("planned"));
  };
  const isSearch = (event) => event.target.matches("#wish input[type=search]");
  const isTyped = (event) =>
    isSearch(event) ||
    (event.target.matches("#wish :is(input, textarea)") &&
      !event.target.matches("#confirm, #reason, [type=checkbox], [type=radio]"));
  document.addEventListener("input", (event) => {
    if (!isTyped(event)) return;
    clearTimeout(due);
    due = setTimeout(search, isSearch(event) ? 250 : 400);
    const start = document.getElementById("start");
    if (start && !isSearch(event)) start.disabled = true;
  });
  document.addEventListener("change", (event) => {
    if (!isTyped(event)) return;
    event.stopPropagation();
    if (due && !isSearch(event)) search();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !isSearch(event)) return;
    event.preventDefault();
    search();
  });
  // All hosts that are listed, or none.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#wish [data-choose]");
    if (!button) return;
    for (const box of document.querySelectorAll("#wish .host-choice [name=hosts]")) {
      box.checked = Boolean(button.dataset.choose);
    }
    search();
  });
  // What is started is under way: a plan that comes late would tell of it as an obstacle. And one
  // that comes while somebody types is of what stood there before.
  let starts = false;
  document.addEventListener("submit", (event) => {
    if (event.target.id === "wish") starts = !event.defaultPrevented;
  });
  addEventListener("pageshow", () => {
    starts = false;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if ((starts || due) && event.target.closest("#wish")) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", guard);
  document.addEventListener("htmx:error", guard);
  guard();
})();
