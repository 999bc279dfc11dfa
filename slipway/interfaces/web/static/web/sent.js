// Of what a form has sent, Back finds nothing: no page is stored, and a browser does not send it again by itself.
// So this page stands in the history as the one with the form.
(() => {
  "use strict";
  const from = new URL(document.referrer || location.href);
  if (from.origin === location.origin) history.replaceState(history.state, "", from);
})();
