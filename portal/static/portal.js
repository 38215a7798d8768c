/* What the portal does in the browser, on top of pages that work without it:
   drafts that save themselves, questions that are only asked when another has a value, rows that are added and removed
   in place, and forms that are sent once. */
"use strict";

document.documentElement.classList.add("js");

/* Drafts. <form data-draft-url="..."> posts itself there a moment after the last change, and on leaving a field.
   204: kept. 409: a colleague kept other answers meanwhile, and nothing is sent any more until the page is loaded again.
   A header X-Draft-Revision in the answer goes into the field draft_revision, if the form has one. */

const MOMENT = 1500;

/* On California's clock and in its words, as everywhere on the pages: "10:42 am". */
function timeOfDay() {
  const format = { hour: "numeric", minute: "2-digit", timeZone: "America/Los_Angeles" };
  return new Date().toLocaleTimeString("en-US", format).toLowerCase();
}

function keepDrafts(form) {
  const status = form.querySelector("[data-draft-status]") || document.querySelector("[data-draft-status]");
  let timer = 0;
  let changed = false;
  let sending = false;
  let underWay = null;
  let stopped = false;

  function say(words, state) {
    if (!status) return;
    status.textContent = words;
    status.dataset.state = state;
  }

  function offerReload() {
    if (!status) return;
    const link = document.createElement("a");
    link.href = window.location.href;
    link.textContent = "See what was saved";
    status.append(" ", link);
  }

  function answers() {
    const sent = new FormData(form);
    // A file goes with the form itself, not with every draft of it.
    for (const input of form.querySelectorAll("input[type=file]")) sent.delete(input.name);
    return sent;
  }

  async function save(leaving) {
    window.clearTimeout(timer);
    if (!changed || sending || stopped) return;
    changed = false;
    sending = true;
    underWay = new AbortController();
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: answers(),
        credentials: "same-origin",
        headers: { Accept: "text/plain" },
        redirect: "manual",
        keepalive: leaving,
        signal: underWay.signal,
      });
      if (answer.ok) {
        if (!changed) delete form.dataset.typed;
        const revision = answer.headers.get("X-Draft-Revision");
        const field = form.elements.namedItem("draft_revision");
        if (revision && field) field.value = revision;
        const removed = answer.headers.get("X-Draft-Removed") === "yes";
        say(`Saved at ${timeOfDay()}${removed ? ", without what looks like a social security number" : ""}`, "saved");
      } else if (answer.status === 409) {
        stopped = true;
        say("Not saved: a colleague saved other answers meanwhile. Copy what you want to keep, then load the page again.", "not-saved");
        offerReload();
      } else if (answer.type === "opaqueredirect" || answer.status === 401) {
        changed = true;
        say("Not saved: you were signed out. Sign in again in another tab, then go on here.", "not-saved");
      } else {
        changed = true;
        say("Not saved: the portal could not keep it. It tries again with your next change.", "not-saved");
      }
    } catch {
      changed = true;
      if (!stopped) say("Not saved: the portal cannot be reached. It tries again with your next change.", "not-saved");
    } finally {
      sending = false;
      if (changed && !stopped) timer = window.setTimeout(() => save(false), 10 * MOMENT);
    }
  }

  function soon() {
    changed = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => save(false), MOMENT);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("focusout", (event) => {
    // On the way to a button the form itself is about to go.
    if (!event.relatedTarget || event.relatedTarget.type !== "submit") save(false);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    window.clearTimeout(timer);
    if (underWay) underWay.abort();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) stopped = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
}

/* Questions that are only asked when another has one of some values:
   <div data-only-when-field="decision" data-only-when-values="reject return">. A box counts as "yes" or "no". */

function valuesOf(form, name) {
  const inputs = [...form.elements].filter((input) => input.name === name);
  return inputs.flatMap((input) => {
    if (input.type === "radio") return input.checked ? [input.value] : [];
    if (input.type === "checkbox" && inputs.length === 1) return [input.checked ? "yes" : "no"];
    if (input.type === "checkbox") return input.checked ? [input.value] : [];
    return [input.value];
  });
}

function askOnlyWhatIsAsked(form) {
  for (const question of form.querySelectorAll("[data-only-when-field]")) {
    const values = valuesOf(form, question.dataset.onlyWhenField);
    const wanted = question.dataset.onlyWhenValues.split(" ");
    question.hidden = !values.some((value) => wanted.includes(value));
  }
}

/* Rows. The button name="add" value="users" and the buttons name="remove" value="users-1" do here what the server does
   without JavaScript. */

function renumber(row, list, number) {
  const old = new RegExp(`(^|\\s)${list}-\\d+(?=-|\\s|$)`, "g");
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "name", "for", "aria-describedby", "value", "data-only-when-field"]) {
      const value = element.getAttribute(name);
      const isRowName = name !== "value" || (element.tagName === "BUTTON" && element.name === "remove");
      if (value && isRowName) element.setAttribute(name, value.replace(old, `$1${list}-${number}`));
    }
  }
}

function clear(row) {
  for (const element of row.querySelectorAll(".usa-error-message, .kept-file, input[type=hidden]")) element.remove();
  for (const element of row.querySelectorAll(".field--error, .usa-input--error")) {
    element.classList.remove("field--error", "usa-input--error");
  }
  for (const element of row.querySelectorAll("[aria-describedby]")) {
    const ids = element.getAttribute("aria-describedby").split(" ").filter((id) => !id.endsWith("-error"));
    if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
    else element.removeAttribute("aria-describedby");
  }
  for (const input of row.querySelectorAll("input, select, textarea")) {
    input.removeAttribute("aria-invalid");
    if (input.type === "radio" || input.type === "checkbox") input.checked = false;
    else if (input.tagName === "SELECT") input.selectedIndex = 0;
    else input.value = "";
  }
}

function nameRows(entries) {
  entries.querySelectorAll("[data-row]").forEach((row, place) => {
    const name = `${row.dataset.rowTitle} ${place + 1}`;
    row.querySelector("[data-row-name]").textContent = name;
    row.querySelector("[data-row-name-small]").textContent = name.toLowerCase();
  });
}

function changed(form) {
  askOnlyWhatIsAsked(form);
  form.dispatchEvent(new Event("change"));
}

function addRow(entries) {
  const list = entries.dataset.entries;
  const rows = [...entries.querySelectorAll("[data-row]")];
  const numbers = rows.map((row) => Number(row.id.slice(list.length + 1)));
  const row = rows[rows.length - 1].cloneNode(true);
  clear(row);
  renumber(row, list, Math.max(...numbers) + 1);
  entries.querySelector("[data-rows]").append(row);
  nameRows(entries);
  row.querySelector("input, select, textarea").focus();
  changed(entries.closest("form"));
}

function removeRow(entries, row) {
  const rows = [...entries.querySelectorAll("[data-row]")];
  const isGiven = entries.hasAttribute("data-fixed"); // a row without what it is about would be about nothing
  if (rows.length === 1 && !isGiven) clear(row);
  else row.remove();
  nameRows(entries);
  (rows[rows.indexOf(row) - 1] || rows[1] || (isGiven ? entries : row)).focus();
  changed(entries.closest("form"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=add], button[name=remove]");
  const entries = button && button.closest("[data-entries]");
  if (!entries) return;
  event.preventDefault();
  if (button.name === "add") addRow(entries);
  else removeRow(entries, button.closest("[data-row]"));
});

/* A form is sent once: its buttons rest until the answer comes, or the page is shown again. */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.matches("[hx-post]")) return;
  form.dataset.sent = "yes";
  // Later, so that the pressed button's own name and value still go with the form.
  window.setTimeout(() => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
  }, 0);
});

window.addEventListener("pageshow", () => {
  // A browser that goes back fills in what was typed only now.
  document.querySelectorAll("form").forEach(askOnlyWhatIsAsked);
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = false;
  }
});

/* Whoever leaves while something is typed that was neither sent nor kept is asked first. */

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-once]");
  if (form) form.dataset.typed = "yes";
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-typed]:not([data-sent])")) event.preventDefault();
});

/* The ways on that fold close again: by Escape, and when something else is pressed. */

const more = document.querySelector(".site-more");

if (more) {
  document.addEventListener("click", (event) => {
    if (!more.contains(event.target)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
}

/* The session. <dialog data-session="/account/session" data-seconds-left="1800" data-warned-before="300"> warns so many
   seconds before the session ends, and offers to stay. Another tab may have prolonged it: the server is asked before
   anything is said. */

const TOKEN = JSON.parse(document.body.getAttribute("hx-headers") || "{}");

function watchSession(dialog) {
  const warnedBefore = Number(dialog.dataset.warnedBefore);
  const part = (name) => dialog.querySelector(`[data-session-${name}]`);
  let endsAt = 0;
  let timer = 0;

  async function ask(method) {
    const headers = { Accept: "application/json", "X-By-Itself": "yes", ...(method === "POST" ? TOKEN : {}) };
    const answer = await fetch(dialog.dataset.session, { method, headers, credentials: "same-origin", redirect: "manual" });
    return answer.ok ? answer.json() : null;
  }

  function say(title, words, over) {
    part("title").textContent = title;
    part("words").textContent = words;
    part("stay").hidden = over;
    part("sign-in").hidden = !over;
    if (!dialog.open) dialog.showModal();
  }

  function saySoon(told) {
    const minutes = Math.max(1, Math.round(told.seconds_left / 60));
    const span = `in ${minutes === 1 ? "a minute" : `${minutes} minutes`}`;
    if (told.can_be_prolonged) {
      say(`You will be signed out ${span}`, "Nothing was done here for a while. Do you want to stay signed in? What you typed into a step is kept as its draft.", false);
    } else {
      say(`You will be signed out ${span}`, "You have been signed in for as long as one may be at a time. Finish what you are writing, or sign in anew then: what you typed into a step is kept as its draft.", false);
      part("stay").hidden = true;
    }
  }

  function sayOver() {
    say("You were signed out", "What you typed is still on this page, and what you typed into a step is kept as its draft. Sign in again in another tab, then go on here.", true);
  }

  function follow(told) {
    window.clearTimeout(timer);
    if (told === null) {
      sayOver();
      return;
    }
    endsAt = Date.now() + told.seconds_left * 1000;
    if (told.seconds_left <= warnedBefore) saySoon(told);
    else if (dialog.open) dialog.close();
    const next = told.seconds_left <= warnedBefore ? told.seconds_left : told.seconds_left - warnedBefore;
    timer = window.setTimeout(look, next * 1000 + 500);
  }

  async function look() {
    try {
      follow(await ask("GET"));
    } catch {
      timer = window.setTimeout(look, 15000); // the portal cannot be reached: perhaps in a moment
    }
  }

  part("stay").addEventListener("click", async () => {
    try {
      follow(await ask("POST"));
    } catch {
      part("words").textContent = "The portal cannot be reached. Try again in a moment.";
    }
  });
  document.addEventListener("visibilitychange", () => {
    // A machine that slept, or a tab that lay in the background: its timers stood still.
    if (document.visibilityState === "visible" && Date.now() > endsAt - warnedBefore * 1000) look();
  });

  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) look();
  });

  const secondsLeft = Number(dialog.dataset.secondsLeft);
  endsAt = Date.now() + secondsLeft * 1000;
  timer = window.setTimeout(look, Math.max(0, secondsLeft - warnedBefore) * 1000 + 500);
}

/* What a page asks for by itself (the inbox looks for new tasks) waits while somebody is in the middle of what it would
   replace: the focus stands there, or something there is open. */

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (!requestConfig.headers["X-By-Itself"]) return;
  if (!elt.contains(document.activeElement) && !elt.querySelector("details[open]")) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // nothing is awaited, and nothing becomes busy
});

/* HTMX. While an answer is awaited its place is busy; what came is said aloud in the page's one live region, from the
   words of the new part that has data-spoken; and what did not come is explained where it was awaited. */

const spoken = document.querySelector("[data-spoken-here]");

function speak(words) {
  if (spoken && words && spoken.textContent !== words) spoken.textContent = words;
}

function explain(place, words) {
  const alert = document.createElement("div");
  alert.className = "usa-alert usa-alert--error usa-alert--slim";
  alert.dataset.swapFailed = place.id;
  alert.setAttribute("role", "alert");
  const body = alert.appendChild(document.createElement("div"));
  body.className = "usa-alert__body";
  const text = body.appendChild(document.createElement("p"));
  text.className = "usa-alert__text";
  text.textContent = `${words} What stands here is from before. `;
  const again = text.appendChild(document.createElement("a"));
  again.href = window.location.href;
  again.textContent = "Load the page again";
  forgetFailure(place.id);
  place.before(alert);
}

function forgetFailure(id) {
  document.querySelector(`[data-swap-failed="${CSS.escape(id)}"]`)?.remove();
}

function whyNot(status) {
  if (status === 401) return "You were signed out.";
  if (status === 403 || status === 404) return "This is not open to you any more.";
  if (status === 429) return "That was asked too often in a short time. Wait a moment.";
  return "The portal could not answer.";
}

document.addEventListener("htmx:beforeRequest", (event) => event.detail.target.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
document.addEventListener("htmx:responseError", (event) => explain(event.detail.target, whyNot(event.detail.xhr.status)));
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => explain(event.detail.target, "The portal cannot be reached."));
}
document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.target) return; // a whole page that came back by the browser's own button
  const place = document.getElementById(event.detail.target.id) || event.detail.target;
  forgetFailure(place.id);
  speak(place.querySelector("[data-spoken]")?.textContent.trim());
});

/* All of it, on the page and on what HTMX puts into it */

const ready = new WeakSet();

function prepare(root) {
  for (const form of root.querySelectorAll("form")) {
    if (ready.has(form)) continue;
    ready.add(form);
    askOnlyWhatIsAsked(form);
    form.addEventListener("change", () => askOnlyWhatIsAsked(form));
    if (form.dataset.draftUrl) keepDrafts(form);
  }
  const summary = root.querySelector("[data-error-summary]");
  if (summary) summary.focus();
}

prepare(document);
document.querySelectorAll("[data-session]").forEach(watchSession);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement || document));
