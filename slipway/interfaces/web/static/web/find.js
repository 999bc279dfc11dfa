// What is typed into the field of a list stands in the address: it can be kept, sent, gone back to.
(() => {
  "use strict";

  document.addEventListener("htmx:after:swap", () => {
    const field = document.getElementById("where");
    if (!field || document.activeElement !== field) return;
    const text = field.value.trim();
    for (const sent of document.querySelectorAll("[data-where]")) sent.value = text;
    const wanted = text ? `?${new URLSearchParams({ where: text })}` : location.pathname;
    history.replaceState(null, "", wanted);
    const problem = document.querySelector("#where-problem b");
    if (problem) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });
})();
