// The alert queue: rows come, change and go by the page's stream; one key takes the first.
// A row is known by its alert's id: told twice, it stands there once. console.js has the stream.
"use strict";
(() => {
  const lists = new Map([...document.querySelectorAll("[data-section]")].map((one) => [one.dataset.section, one]));
  const rows = new Map();
  const form = document.getElementById("act");
  const answer = document.getElementById("answer");
  const takes = document.getElementById("takes");
  const dialog = document.getElementById("keys");
  const busy = new Set();
  let mayTake = takes?.hidden ?? true;

  // What has just moved under the finger is not what it was meant for: a key takes the alert that
  // stood first, or was selected, when there was time to see it.
  const SEEN_MS = 700;
  const ANSWER_MS = 15000; // the server waits five seconds for the engine
  const seen = { id: "", before: "", since: -SEEN_MS };

  for (const row of document.querySelectorAll("[data-alert]")) {
    rows.set(row.dataset.alert, row);
    if ("waits" in row.dataset) window.tc.announced.add(row.dataset.alert);
  }

  // --- rows -----------------------------------------------------------------------------------------

  const order = (row) => JSON.parse(row.dataset.order);

  function before(a, b) {
    for (let i = 0; i < a.length; i += 1) {
      if (a[i] !== b[i]) return a[i] < b[i];
    }
    return false;
  }

  function place(row, section) {
    const list = lists.get(section);
    const key = order(row);
    const siblings = list.children;
    let low = 0;
    let high = siblings.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(key, order(siblings[middle]))) high = middle;
      else low = middle + 1;
    }
    list.insertBefore(row, siblings[low] ?? null);
  }

  function made(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  }

  function put(data, isNew = true) {
    const old = rows.get(data.id);
    const row = made(data.html);
    const focused = old?.contains(document.activeElement) ? focusIn(old) : null;
    const selected = old?.classList.contains("tc-row--selected");
    old?.remove();
    if (!lists.has(data.section)) return void rows.delete(data.id);
    place(row, data.section);
    rows.set(data.id, row);
    row.classList.toggle("tc-row--selected", Boolean(selected));
    if (isNew && !old) row.classList.add("tc-row--new");
    window.tc.tick(row);
    if (focused) (row.querySelector(focused) ?? row.querySelector("a"))?.focus({ preventScroll: true });
    const about = row.querySelector(".tc-row__what")?.textContent.replace(/\s+/g, " ").trim() ?? "";
    if (data.waits) window.tc.announce(data.id, `New alert: ${data.priority.replace("_", " ")}. ${about}`);
    gate(row);
  }

  function focusIn(row) {
    return row.querySelector(".tc-row__acts :focus") ? ".tc-row__acts > *" : "a";
  }

  function drop(id) {
    const row = rows.get(id);
    if (!row) return;
    const hadFocus = row.contains(document.activeElement);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    rows.delete(id);
    if (hadFocus) (next?.querySelector("a") ?? document.getElementById("main"))?.focus();
  }

  function first() {
    return document.querySelector(".tc-row--selected") ?? lists.get("at_centre")?.firstElementChild ?? shown()[0] ?? null;
  }

  function settled() {
    return performance.now() - seen.since >= SEEN_MS;
  }

  function looked() {
    const id = first()?.dataset.alert ?? "";
    if (id === seen.id) return;
    Object.assign(seen, { before: settled() ? seen.id : seen.before, id, since: performance.now() });
  }

  function counted() {
    looked();
    for (const [name, list] of lists) {
      const count = list.children.length;
      document.querySelector(`[data-count="${name}"]`).textContent = String(count);
      document.querySelector(`[data-empty="${name}"]`).hidden = count > 0;
    }
  }

  document.addEventListener("tc:row", ({ detail }) => (put(detail), counted()));
  document.addEventListener("tc:gone", ({ detail }) => (drop(detail.id), counted()));
  document.addEventListener("tc:list", ({ detail }) => {
    const there = new Set(detail.rows.map((row) => row.id));
    for (const id of [...rows.keys()]) if (!there.has(id)) drop(id);
    for (const row of detail.rows) put(row, !rows.has(row.id));
    counted();
  });

  // --- taking ----------------------------------------------------------------------------------------

  function gate(root = document) {
    for (const button of root.querySelectorAll("[data-take]")) {
      button.disabled = !mayTake || busy.has(button.closest("[data-alert]").dataset.alert);
    }
  }

  document.addEventListener("tc:takes", ({ detail: { why } }) => {
    const may = !why;
    if (takes) {
      const words = why ? `Nothing can be taken now: ${why}` : "";
      if (takes.textContent !== words) takes.textContent = words;
      takes.hidden = may;
    }
    if (may === mayTake) return;
    mayTake = may;
    gate();
  });

  function told(kind, words) {
    const notice = document.createElement("div");
    notice.className = `tc-notice tc-notice--${kind}`;
    notice.setAttribute("role", kind === "done" ? "status" : "alert");
    notice.textContent = words;
    answer.replaceChildren(notice);
  }

  async function take(button) {
    const alert = button.closest("[data-alert]").dataset.alert;
    if (busy.has(alert)) return;
    busy.add(alert);
    button.disabled = true;
    button.firstChild.textContent = "Taking…";
    try {
      const got = await fetch(button.formAction, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (got.redirected || !got.headers.get("content-type")?.includes("json")) return void location.assign("/");
      const said = await got.json();
      told(said.state, said.words);
      if (said.state === "done") return void location.assign(said.to);
    } catch {
      told("refused", `Nobody knows whether ${alert} was taken: the connection is lost. Look again when it is back.`);
    } finally {
      busy.delete(alert);
      const again = rows.get(alert)?.querySelector("[data-take]");
      if (again) {
        again.firstChild.textContent = "Take";
        again.disabled = !mayTake;
      }
    }
  }

  form?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-take]")) return;
    event.preventDefault();
    take(button);
  });

  // --- keys ------------------------------------------------------------------------------------------

  const shown = () => [...document.querySelectorAll("[data-section] > [data-alert]")];

  function select(row) {
    for (const one of document.querySelectorAll(".tc-row--selected")) one.classList.remove("tc-row--selected");
    if (!row) return;
    row.classList.add("tc-row--selected");
    Object.assign(seen, { id: row.dataset.alert, since: -SEEN_MS }); // they moved there themselves
    row.querySelector("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function move(by) {
    const all = shown();
    const at = all.findIndex((row) => row.classList.contains("tc-row--selected"));
    select(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  // Null where what was meant is not there any more.
  function chosen() {
    return settled() ? first() : (rows.get(seen.before) ?? null);
  }

  const acts = {
    t() {
      if (busy.size) return void told("refused", "One is being taken: wait for the answer.");
      const row = chosen();
      const button = row?.querySelector("[data-take]");
      if (button && !button.disabled) take(button);
      else if (button) told("refused", takes?.textContent || "It is being taken.");
      else if (!settled()) told("refused", "The list has just changed: look, and press again.");
      else told("refused", row?.querySelector(".tc-row__state").textContent.replace(/\s+/g, " ").trim() ?? "There is nothing to take.");
    },
    o: () => chosen()?.querySelector("a")?.click(),
    j: () => move(1),
    k: () => move(-1),
    f() {
      const filter = document.getElementById("filter");
      filter.open = true;
      filter.querySelector("select").focus();
    },
    "?": () => dialog?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (window.tc.isTyping(event)) return;
    // A key that is held down takes one alert, and not one after the other.
    if (event.repeat && !["j", "k"].includes(event.key)) return;
    const isEnter = event.key === "Enter" && (event.target === document.body || event.target.id === "main");
    if (window.tc.keys.off && event.key !== "?") return;
    const act = isEnter ? acts.t : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const help = document.getElementById("help");
  if (help && dialog) {
    help.hidden = false;
    help.addEventListener("click", () => dialog.showModal());
    const off = document.getElementById("keys-off");
    off.checked = window.tc.keys.off;
    off.addEventListener("change", () => window.tc.local("tc-keys", off.checked ? "off" : "on"));
  }
  Object.assign(seen, { id: first()?.dataset.alert ?? "", before: "" });
  gate();
})();
