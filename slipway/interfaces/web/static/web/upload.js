// A package on its way: dropped or chosen, sent as plain bytes with a bar; without this the form sends it.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  if (!form) return;
  const one = (selector) => form.querySelector(selector);
  const file = one("#file");
  const drop = one(".drop");

  const show = () => {
    const chosen = file.files[0];
    one("#chosen").textContent = chosen ? `${chosen.name} · ${inWords(chosen.size)}` : "";
    fail("", "");
  };
  file.addEventListener("change", show);
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      show();
    });
  }

  function inWords(size) {
    // As the page says sizes beside it.
    const units = ["B", "KB", "MB", "GB", "TB"];
    let at = 0;
    while (size >= 1024 && at < units.length - 1) {
      size /= 1024;
      at += 1;
    }
    return `${at && size < 100 ? size.toFixed(1) : size.toFixed(0)} ${units[at]}`;
  }

  function fail(message, hint) {
    const note = one("#failed");
    note.hidden = !message;
    one("#failed b").textContent = message;
    one("#failed .hint").textContent = hint;
    if (message) one("#going").hidden = true;
    one(".primary").disabled = false;
  }

  function told(request) {
    try {
      const answer = JSON.parse(request.responseText);
      const words = answer.told || {};
      return [answer.message, answer.hint || ""].map((text) => words[text] || text);
    } catch {
      return [form.dataset.lost, ""];
    }
  }

  form.addEventListener("submit", (event) => {
    const chosen = file.files[0];
    if (!chosen) return;
    event.preventDefault();
    if (chosen.size > Number(form.dataset.most)) {
      fail(form.dataset.tooLarge, "");
      return;
    }
    fail("", "");
    one(".primary").disabled = true;
    one("#going").hidden = false;
    const query = new URLSearchParams({
      filename: chosen.name
    });
    for (const name of ["version", "ref", "commit", "description"]) query.set(name, one(`#${name}`).value.trim());
    query.set("sha256", one("#sha256").value.trim().toLowerCase());
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.to}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", one("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.addEventListener("progress", (sent) => {
      one("#bar").value = sent.total ? 100 * sent.loaded / sent.total : 0;
      one("#said").textContent = `${inWords(sent.loaded)} / ${inWords(sent.total)}`;
    });
    request.addEventListener("load", () => {
      if (request.status === 401) location.reload();
      else if (request.status === 200 || request.status === 201) {
        location.assign(form.dataset.page + encodeURIComponent(JSON.parse(request.responseText).name));
      } else fail(...told(request));
    });
    request.addEventListener("error", () => fail(form.dataset.lost, ""));
    request.send(chosen);
  });
})();
