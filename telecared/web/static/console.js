// Every page of the console: its stream, what is stale, ages that tick, sound, title and keys.
// What only the queue does is queue.js. Nothing here decides: the server says what is what.
"use strict";
(() => {
  const SILENT_MS = 4500; // pulses come every two seconds
  const OFF_MS = 5000; // without a stream for so long nothing is taken
  const AGAIN_MS = 1500;
  const QUEUES = 3; // tabs with a stream of their own: browsers keep six connections to a site
  const TOO_MANY = "The queue is open in other tabs of this browser: this one stands still until one of them is closed.";
  const body = document.body;
  const live = document.getElementById("live");
  const stale = document.getElementById("stale");
  const announcer = document.getElementById("announce");
  const title = document.title;

  // --- the clock: engine time, as the server last told it, runs on by the browser's own ----------

  const clock = { at: Number(body.dataset.now) || Date.now(), speed: Number(body.dataset.speed) || 1, since: performance.now() };
  const now = () => clock.at + (performance.now() - clock.since) * clock.speed;

  function lasting(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    const two = (n) => String(n).padStart(2, "0");
    if (s < 100) return `${s} s`;
    if (s < 600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  }

  // Words and tones as rows.py has them; the targets are given to both by the page.
  function target(ms) {
    if (ms > 180000) return ["danger", "over 180 s"];
    return ms > 60000 ? ["warn", "over 60 s"] : ["ok", "within 60 s"];
  }

  function tickOne(one, at) {
    const from = Number(one.dataset.at);
    if (one.dataset.tick === "target") {
      const [tone, words] = target(at - from);
      if (one.textContent !== words) {
        one.textContent = words;
        one.className = `tc-target tc-target--${tone}`;
      }
      return;
    }
    const words = lasting(one.dataset.tick === "until" ? from - at : at - from);
    if (one.textContent !== words) one.textContent = words;
  }

  function tick(root = document) {
    const at = now();
    for (const one of root.querySelectorAll("[data-tick]")) tickOne(one, at);
  }

  // --- what is stale ------------------------------------------------------------------------------

  const state = { heard: performance.now(), heardAt: Date.now(), waits: false, opened: 0, well: body.dataset.runs === "1", says: stale?.textContent.trim() ?? "" };

  // Of two clocks: the one of the page stands still in some browsers while the computer sleeps.
  const silence = () => Math.max(performance.now() - state.heard, Date.now() - state.heardAt);

  function showStale() {
    const silent = silence();
    const lost = silent > SILENT_MS;
    const words = state.waits ? TOO_MANY : lost ? "The connection is lost: what you see is out of date." : state.says;
    if (stale) {
      if (stale.textContent !== words) stale.textContent = words;
      stale.hidden = !words;
    }
    const why = state.waits ? "the queue is open in other tabs of this browser." : silent > OFF_MS ? "there is no live connection." : state.well ? "" : state.says;
    document.dispatchEvent(new CustomEvent("tc:takes", { detail: { why } }));
    // A connection that died without a word looks open for minutes: it is begun anew.
    if (stream.source && silent > OFF_MS && performance.now() - state.opened > OFF_MS) open();
  }

  // --- the stream: one for each queue, one for all other tabs together -----------------------------

  const channel = "BroadcastChannel" in window ? new BroadcastChannel("tc-live") : null;
  const stream = { source: null, wanted: live?.dataset.live ?? "/live?view=bell", last: live?.dataset.mark ?? "", timer: 0 };

  const shared = ["bell", "new", "alert", "pulse", "locked", "over"];

  function heard(name, data) {
    Object.assign(state, { heard: performance.now(), heardAt: Date.now() });
    handle[name]?.(data);
    document.dispatchEvent(new CustomEvent(`tc:${name}`, { detail: data }));
  }

  function open() {
    clearTimeout(stream.timer);
    stream.source?.close();
    state.opened = performance.now();
    const url = new URL(stream.wanted, location.href);
    if (stream.last) url.searchParams.set("last", stream.last);
    const source = (stream.source = new EventSource(url));
    for (const name of [...shared, "row", "gone", "list", "board"]) {
      source.addEventListener(name, (event) => {
        if (event.lastEventId) stream.last = event.lastEventId;
        const data = JSON.parse(event.data);
        heard(name, data);
        if (shared.includes(name)) channel?.postMessage([name, data]);
      });
    }
    source.addEventListener("error", () => {
      // A browser gives up for good after an answer that is no stream: try again ourselves.
      if (source.readyState === EventSource.CLOSED) whyClosed();
    });
  }

  // Signed out elsewhere while nothing could be heard: then the way is to sign in.
  async function whyClosed() {
    const asks = new AbortController();
    try {
      const got = await fetch("/live?view=bell", { signal: asks.signal });
      if (got.status === 401) return void location.assign("/");
    } catch {
      // No connection: it is tried again.
    } finally {
      asks.abort();
    }
    again();
  }

  function again() {
    clearTimeout(stream.timer);
    stream.timer = setTimeout(open, AGAIN_MS);
  }

  function begin() {
    if (live && !stream.wanted.includes("view=bell")) return own();
    if (!navigator.locks || !channel) return open();
    // Browsers keep six connections to a site: the other tabs listen to the one that has the lock.
    channel.addEventListener("message", (message) => {
      if (!stream.source) heard(...message.data);
    });
    navigator.locks.request("tc-live", () => {
      open();
      return new Promise(() => {});
    });
  }

  // A page with a stream of its own: a few of them in a browser, or nothing would get through.
  async function own() {
    if (!navigator.locks) return open();
    for (let slot = 0; slot < QUEUES; slot += 1) {
      const has = await new Promise((resolve) => {
        navigator.locks.request(`tc-live-${slot}`, { ifAvailable: true }, (lock) => {
          resolve(Boolean(lock));
          return lock ? new Promise(() => {}) : undefined;
        });
      });
      if (!has) continue;
      state.waits = false;
      return open();
    }
    state.waits = true;
    showStale();
    setTimeout(own, AGAIN_MS);
  }

  const isBoard = location.pathname === "/board";

  const handle = {
    pulse(data) {
      Object.assign(clock, { at: data.now, speed: data.speed, since: performance.now() });
      Object.assign(state, { well: data.well, says: data.says });
      showStale();
    },
    bell(data) {
      state.bell = data;
      body.dataset.live = "on";
      const waiting = (data.life_safety ?? 0) + (data.urgent ?? 0) + (data.other ?? 0);
      document.title = waiting ? `(${waiting}) ${title}` : title;
      for (const one of document.querySelectorAll(".tc-nav__link[href='/'] .tc-nav__count")) one.remove();
      const link = document.querySelector(".tc-nav__link[href='/']");
      if (link && waiting) {
        const count = document.createElement("span");
        count.className = "tc-nav__count";
        count.textContent = String(waiting);
        link.append(" ", count);
      }
      ring();
    },
    new(data) {
      for (const one of data) announce(one.id, `New alert: ${one.priority.replace("_", " ")}. ${one.words}`);
    },
    alert(data) {
      const ids = new Set(data.ids);
      for (const one of document.querySelectorAll("[data-live-alert]")) {
        if (ids.has(one.dataset.liveAlert)) one.dispatchEvent(new CustomEvent("tc:changed", { bubbles: true }));
      }
    },
    board(data) {
      for (const one of document.querySelectorAll("[data-board]")) {
        const words = String(data[one.dataset.board]);
        if (one.textContent !== words) one.textContent = words;
      }
      for (const one of document.querySelectorAll("[data-board-age]")) boardAge(one, data[one.dataset.boardAge]);
    },
    locked() {
      // The wall board has no names, and nobody at it: it goes on.
      if (location.pathname !== "/lock" && !isBoard) location.assign("/");
    },
    over() {
      stream.source?.close();
      if (isBoard) location.reload();
      else location.assign("/");
    },
  };

  function boardAge(one, at) {
    if (at === null) return one.replaceChildren("–");
    const time = one.querySelector("time") ?? one.appendChild(document.createElement("time"));
    if (one.firstChild !== time || one.childNodes.length > 1) one.replaceChildren(time);
    time.className = "tc-age";
    Object.assign(time.dataset, { tick: "age", at: String(at) });
    tickOne(time, now());
  }

  // --- said once ------------------------------------------------------------------------------------

  const announced = new Set();

  function announce(id, words) {
    if (announced.has(id)) return;
    announced.add(id);
    say(words);
  }

  function say(words) {
    if (!announcer) return;
    const one = document.createElement("p");
    one.textContent = words;
    announcer.append(one);
    setTimeout(() => one.remove(), 10000);
  }

  // --- sound ------------------------------------------------------------------------------------------

  const sound = { button: document.getElementById("sound"), audio: null, timer: 0, kind: "", waited: null, off: kept("tc-sound") === "off" };

  function kept(key, value) {
    try {
      if (value !== undefined) sessionStorage.setItem(key, value);
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function beep(frequency, from, lasts, loud) {
    const { audio } = sound;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + from;
    tone.type = "triangle";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(loud, at + 0.02);
    volume.gain.setValueAtTime(loud, at + lasts - 0.05);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + lasts);
  }

  const tunes = {
    life_safety: { every: 2000, play: () => [880, 660, 880].forEach((f, i) => beep(f, i * 0.25, 0.22, 0.5)) },
    urgent: { every: 10000, play: () => [520, 620].forEach((f, i) => beep(f, i * 0.3, 0.28, 0.25)) },
  };

  function ring() {
    const waiting = state.bell ?? {};
    const kind = waiting.life_safety ? "life_safety" : waiting.urgent ? "urgent" : "";
    const silent = sound.off || sound.audio?.state !== "running" || !sound.leads;
    const plays = silent ? "" : kind;
    body.dataset.rings = plays;
    const before = sound.waited;
    sound.waited = state.bell ? waiting : null;
    const more = (of) => before !== null && (waiting[of] ?? 0) > (before[of] ?? 0);
    // One more of what does not go on ringing is one soft tone.
    if (!silent && !plays && more("other")) beep(440, 0, 0.3, 0.15);
    if (plays === sound.kind && !(plays && more(plays))) return;
    sound.kind = plays;
    clearInterval(sound.timer);
    if (!plays) return;
    tunes[plays].play();
    sound.timer = setInterval(tunes[plays].play, tunes[plays].every);
  }

  function showSound() {
    const { button, audio } = sound;
    if (!button) return;
    const blocked = audio?.state !== "running";
    button.hidden = false;
    button.dataset.state = sound.off ? "off" : blocked ? "blocked" : "on";
    button.textContent = sound.off ? "Sound is off: press to turn it on" : blocked ? "Sound is blocked: press to turn it on" : "Sound: on";
    if (!blocked && !sound.off) lead();
    else follow();
    ring();
  }

  // Of several tabs one rings.
  function lead() {
    if (sound.asked) return;
    sound.asked = true;
    if (!navigator.locks) {
      sound.leads = true;
      return;
    }
    sound.asks = new AbortController();
    const held = () => {
      sound.leads = true;
      ring();
      return new Promise((resolve) => (sound.release = resolve));
    };
    navigator.locks.request("tc-sound", { signal: sound.asks.signal }, held).catch(() => {});
  }

  // A tab that is silent leaves the ringing to the others.
  function follow() {
    sound.asks?.abort();
    sound.release?.();
    Object.assign(sound, { asked: false, leads: false, asks: null, release: null });
  }

  function wake() {
    if (sound.audio?.state === "suspended") sound.audio.resume().then(showSound, showSound);
  }

  function switchSound() {
    const isOn = sound.button?.dataset.state === "on";
    sound.off = isOn;
    kept("tc-sound", isOn ? "off" : "on");
    wake();
    showSound();
  }

  function beginSound() {
    if (!sound.button || !("AudioContext" in window)) return;
    sound.audio = new AudioContext();
    sound.audio.addEventListener("statechange", showSound);
    sound.button.addEventListener("click", switchSound);
    // Not when a finger goes down: the words of the button change, and what was pressed would move.
    for (const name of ["pointerup", "keydown"]) document.addEventListener(name, wake, { capture: true });
    showSound();
  }

  // --- keys that pages name beside their buttons -------------------------------------------------------

  function isTyping(event) {
    const one = event.target;
    return event.ctrlKey || event.altKey || event.metaKey || (one instanceof Element && one.closest("input, select, textarea, [contenteditable], dialog") !== null);
  }

  const keys = { get off() { return local("tc-keys") === "off"; } };

  function local(key, value) {
    try {
      if (value !== undefined) localStorage.setItem(key, value);
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  document.addEventListener("keydown", (event) => {
    // A key that is held down is one press: nothing is escalated ten times over.
    if (event.repeat || isTyping(event) || keys.off || event.defaultPrevented) return;
    if (event.key === "s" && sound.button) return void switchSound();
    const named = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key && one.offsetParent !== null && !one.disabled);
    if (named) {
      event.preventDefault();
      named.click();
    }
  });

  window.tc = { now, tick, say, announce, announced, isTyping, keys, local, state };

  if (stale) {
    begin();
    setInterval(showStale, 500);
    beginSound();
  }
  setInterval(tick, 1000);
  tick();
  for (const name of ["online", "offline"]) window.addEventListener(name, showStale);
  document.addEventListener("visibilitychange", showStale);
  window.addEventListener("pagehide", () => stream.source?.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
