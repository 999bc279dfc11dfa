// Questions before something is sent: a yes, a name that is typed for it, a word why.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);

  // Forms with data-ask are sent after a yes; with data-ask-name a yes needs that name typed,
  // with data-ask-why it may be said why.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset || !form.dataset.ask) return;
    event.preventDefault();
    const dialog = one("#ask");
    const pressed = event.submitter;
    one("h2", dialog).textContent = form.dataset.ask;
    one("p", dialog).textContent = form.dataset.askMore || "";
    one('[value="yes"]', dialog).textContent = form.dataset.askYes;
    const name = form.dataset.askName;
    const field = one("#ask-name");
    field.parentElement.hidden = !name;
    one("label", dialog).textContent = form.dataset.askLabel || "";
    field.value = "";
    field.dataset.wanted = name || "";
    const why = one("#ask-why");
    why.parentElement.hidden = form.dataset.askWhy === undefined;
    why.value = "";
    guard();
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") send(form, pressed, name && field.value.trim(), why.value.trim());
    }, {
      once: true
    });
    dialog.showModal();
    if (name) field.focus();
  });

  function guard() {
    const field = one("#ask-name");
    one('#ask [value="yes"]').disabled = field.value.trim() !== field.dataset.wanted;
  }
  document.addEventListener("input", (event) => {
    if (event.target.id === "ask-name") guard();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !["ask-name", "ask-why"].includes(event.target.id)) return;
    event.preventDefault(); // else it presses the first button, which says no
    one('#ask [value="yes"]').click();
  });
  // What the pressed button says goes along, as it does without a question.
  function send(form, pressed, confirmed, why) {
    if (pressed && pressed.name) bring(form, pressed.name, pressed.value);
    if (confirmed) bring(form, "confirm", confirmed);
    if (why) bring(form, "reason", why);
    form.submit();
  }

  function bring(form, name, value) {
    const said = document.createElement("input");
    Object.assign(said, {
      type: "hidden",
      name,
      value
    });
    form.append(said);
  }
})();
