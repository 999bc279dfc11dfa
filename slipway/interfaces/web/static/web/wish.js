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
  // What is searched for comes as it is typed; Enter in a search starts no rollout.
  let due = 0;
  const search = () => document.getElementById("wish").dispatchEvent(new Event("planned"));
  const isSearch = (event) => event.target.matches("#wish input[type=search]");
  document.addEventListener("input", (event) => {
    if (!isSearch(event)) return;
    clearTimeout(due);
    due = setTimeout(search, 250);
  });
  document.addEventListener("change", (event) => {
    if (isSearch(event)) event.stopPropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !isSearch(event)) return;
    event.preventDefault();
    search();
  });
  // What is started is under way: a plan that comes late would tell of it as an obstacle.
  let starts = false;
  document.addEventListener("submit", (event) => {
    if (event.target.id === "wish") starts = !event.defaultPrevented;
  });
  addEventListener("pageshow", () => {
    starts = false;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if (starts && event.target.closest("#wish")) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", guard);
  guard();
})();
