/* The page of one alert: parts that changed are replaced, and acts are sent without leaving it.

   A part in which somebody is typing stays as it is until they are done; what is open stays open.
   Without this file every form is sent, and the page loaded, by the browser itself. */
"use strict";

(() => {
  const root = document.getElementById("alert");
  if (!root) return;

  const id = root.dataset.alert;
  const href = root.dataset.href;
  const APART = 400; // ms between two looks, so that many changes are one look
  const AGAIN = 1000; // ms in which the same act again is the second half of a double click
  const OURS = { credentials: "same-origin" };
  // A look that nobody asked for does not put off the idle lock.
  const BY_ITSELF = { ...OURS, headers: { "X-Refresh": "1" } };
  let wanted = 0;
  let looking = false;

  const fieldsOf = (part) => part.querySelectorAll("input, textarea, select");

  function isTouched(field) {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.tagName === "SELECT") {
      const first = [...field.options].findIndex((one) => one.defaultSelected);
      return field.selectedIndex !== Math.max(first, 0);
    }
    return field.value !== field.defaultValue;
  }

  function isBusy(part) {
    const active = document.activeElement;
    const typing = active && part.contains(active) && active.matches("input, textarea, select");
    return typing || [...fieldsOf(part)].some(isTouched);
  }

  /* Put the parts of a page that was read in place of those that stand there. */
  function take(page, own = null) {
    const before = root.querySelector("[data-announce]")?.textContent.trim();
    for (const part of document.querySelectorAll("[data-part]")) {
      const newer = page.getElementById(part.id);
      if (newer?.innerHTML === part.innerHTML) continue;
      const isOwn = own !== null && (part.contains(own) || part.id === "part-notice");
      // What was said stays until the next act, a code until the page is left.
      if (!isOwn && (isBusy(part) || part.id === "part-notice" || "keep" in part.dataset)) continue;
      if (newer) swap(part, newer, own);
      else part.remove(); // it has ended: nothing more can be done there
    }
    const acts = document.getElementById("acts");
    if (acts && !page.getElementById("acts") && !document.querySelector("[data-form]")) acts.remove();
    for (const newer of page.querySelectorAll("#alert > [data-part]")) {
      if (!document.getElementById(newer.id)) root.append(document.importNode(newer, true));
    }
    const after = root.querySelector("[data-announce]")?.textContent.trim();
    const live = document.getElementById("announce");
    if (live && after && before !== after) live.textContent = after;
  }

  function swap(part, newer, own) {
    const isOwn = own !== null && part.contains(own);
    const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = document.importNode(newer, true);
    // What was typed into the forms beside the one that was sent stays.
    for (const field of fieldsOf(part)) {
      const there = field.id && field.form !== own && isTouched(field) && fresh.querySelector(`#${CSS.escape(field.id)}`);
      if (there && there.type !== "radio" && there.type !== "checkbox") there.value = field.value;
      else if (there) there.checked = field.checked;
    }
    part.replaceWith(fresh);
    if (!isOwn) for (const one of open) fresh.querySelector(`#${CSS.escape(one)}`)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    window.tc?.tick(fresh);
    showTakes();
  }

  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
  const isHere = (answer) => new URL(answer.url).pathname.startsWith(new URL(href, location.href).pathname);

  async function look() {
    if (looking) return;
    looking = true;
    while (wanted) {
      wanted = 0;
      try {
        const answer = await fetch(href, BY_ITSELF);
        if (!isHere(answer)) location.assign(answer.url);
        else if (answer.ok) take(parsed(await answer.text()));
      } catch {
        // The banner tells that the connection is lost; the next event looks again.
      }
      await new Promise((done) => setTimeout(done, APART));
    }
    looking = false;
  }

  function changed(ids) {
    if (!ids.includes(id)) return;
    wanted += 1;
    look();
  }

  document.addEventListener("tc:alert", (event) => changed(event.detail.ids));

  let whyNot = "";

  /* Nothing is taken on the word of a page that may be out of date. */
  function showTakes() {
    for (const button of document.querySelectorAll("[data-takes]")) {
      button.disabled = whyNot !== "";
      button.title = whyNot && `This cannot be done now: ${whyNot}`;
    }
    const words = document.getElementById("takes-why");
    if (words) {
      words.hidden = whyNot === "";
      words.textContent = whyNot && `Taking is off: ${whyNot}`;
    }
  }

  document.addEventListener("tc:takes", (event) => {
    const was = whyNot;
    whyNot = event.detail.why;
    if (was !== whyNot) showTakes();
    // After a lost connection nobody knows what was missed.
    if (was && !whyNot) changed([id]);
  });

  function say(words) {
    const notice = document.getElementById("part-notice");
    const box = document.createElement("div");
    box.className = "tc-notice tc-notice--refused";
    box.setAttribute("role", "alert");
    box.textContent = words;
    notice.replaceChildren(box);
    notice.scrollIntoView({ block: "nearest" });
  }

  let last = { what: "", at: -AGAIN };

  async function send(form, submitter) {
    const action = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
    const body = new URLSearchParams(new FormData(form, submitter));
    const what = `${action}?${body}`;
    if (last.what === what && performance.now() - last.at < AGAIN) return;
    form.setAttribute("aria-busy", "true");
    for (const one of form.querySelectorAll("button")) one.disabled = true;
    try {
      const answer = await fetch(action, { ...OURS, method: "POST", body });
      if (!isHere(answer)) {
        location.assign(answer.url);
        return;
      }
      const page = parsed(await answer.text());
      if (!page.getElementById("alert")) {
        say(page.querySelector("#main")?.textContent.trim() || "This was not done.");
        return;
      }
      take(page, form);
      last = { what, at: performance.now() };
      const notice = document.getElementById("part-notice");
      notice.scrollIntoView({ block: "nearest" });
      document.getElementById("problems")?.focus();
    } catch {
      say("This was not sent: there is no connection. Nothing was done; send it again.");
    } finally {
      if (form.isConnected) {
        form.removeAttribute("aria-busy");
        for (const one of form.querySelectorAll("button")) one.disabled = false;
        showTakes();
      }
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isAct = form.action.startsWith(new URL(`${href}/`, location.href).href);
    if (!isAct || event.defaultPrevented) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") !== "true") send(form, event.submitter);
  });

  /* A link to a form opens what it stands in, and puts the cursor into its first field. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const form = link && document.getElementById(link.hash.slice(1));
    if (!form || form.tagName !== "FORM") return;
    event.preventDefault();
    form.closest("details")?.setAttribute("open", "");
    form.scrollIntoView({ block: "center" });
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  });
})();
