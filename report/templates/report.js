"use strict";
// Filters and evidence. What is shown is in the address: #framework=flask&outcome=deviates&cell=TARGET/CLAUSE

const form = document.querySelector("#filters");
const dialog = document.querySelector("#evidence");
const hidden = document.head.appendChild(document.createElement("style"));
const COLUMNS = ["framework", "store", "edition"];
const NAMES = [...COLUMNS, "area", "level", "outcome"];

const tables = [...document.querySelectorAll("table.matrix")].map((table) => ({
  folded: table.closest("details") !== null,
  heads: [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.dataset),
  bodies: [...table.tBodies].map((body) => ({
    body,
    rows: [...body.rows].slice(1).map((row) => ({
      row,
      outcomes: [...row.cells].slice(1).map((cell) => cell.className.slice("o-".length)),
    })),
  })),
}));

function address() {
  const hash = location.hash.slice(1);
  return new URLSearchParams(hash.includes("=") ? hash : "");
}

function go(parameters) {
  const hash = [...parameters].filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURI(value)}`).join("&");
  history.pushState(null, "", hash ? `#${hash}` : location.href.replace(/#.*/, ""));
  show();
}

function filter(chosen) {
  const heads = tables[0]?.heads ?? [];
  const visible = heads.map((head) => COLUMNS.every((name) => !chosen[name] || head[name] === chosen[name]));
  hidden.textContent = visible
    .map((is, place) => (is ? "" : `.matrix tr > :nth-child(${place + 2}) { display: none }`))
    .join("\n");
  let shown = 0;
  let same = 0;
  for (const { bodies, folded } of tables) {
    for (const { body, rows } of bodies) {
      let some = false;
      for (const { row, outcomes } of rows) {
        const own = outcomes.filter((_, place) => visible[place]);
        const passes = own.every((outcome) => outcome === "pass");
        const asked =
          (!chosen.area || row.dataset.area === chosen.area) && (!chosen.level || row.dataset.level === chosen.level);
        const found = chosen.outcome ? own.includes(chosen.outcome) : folded || !passes;
        row.hidden = !(asked && found);
        some ||= !row.hidden;
        shown += !row.hidden && !folded;
        same += asked && passes && !folded;
      }
      body.hidden = !some;
    }
  }
  const columns = visible.filter(Boolean).length;
  document.querySelector("#shown").value =
    `${columns} of ${visible.length} targets, ${shown} clauses` +
    (same && !chosen.outcome ? `; ${same} more differ elsewhere and pass on all of these` : "");
}

let unpacked;
function evidence() {
  unpacked ??= new Response(
    new Blob([Uint8Array.from(atob(document.querySelector("#packed").textContent), (each) => each.charCodeAt(0))])
      .stream()
      .pipeThrough(new DecompressionStream("deflate")),
  ).json();
  return unpacked;
}

/** Make an element; text is text, never markup. */
function element(name, content = [], attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat().filter((each) => each !== null && each !== ""));
  return made;
}

/** Markdown's backticks as code, the rest as text. */
function prose(text) {
  return text.split("`").map((part, place) => (place % 2 ? element("code", part) : part));
}

function source(text) {
  return /^https?:\/\//.test(text) ? element("a", text, { href: text, rel: "noreferrer" }) : text;
}

function facts(pairs) {
  const found = pairs.filter(([, value]) => value && value.length !== 0);
  return element("dl", found.flatMap(([name, value]) => [element("dt", name), element("dd", value)]), { class: "facts" });
}

function step(each) {
  const [first, ...fields] = each.request;
  const asked = [first, ...fields, ...(each.body ? ["", each.body] : [])].join("\n");
  const { reply } = each;
  const answer = reply
    ? [reply.status, ...reply.headers.map(([name, value]) => `${name}: ${value}`), ...(reply.body ? ["", reply.body] : [])].join("\n")
    : each.problem;
  const cookies = Object.entries(each.cookies).map(([name, says]) => element("p", [`The cookie ${name} says `, element("code", says)]));
  return element("li", [
    each.step ? element("p", each.step) : null,
    element("pre", asked, { class: "request", tabindex: "0" }),
    element("pre", String(answer), { class: "reply", tabindex: "0" }),
    ...cookies,
  ]);
}

function cellContent(found, target, clause) {
  const asked = found.clauses[clause];
  const result = found.results[target]?.[clause];
  if (!asked || !result) return [element("p", `This run has no result of ${clause} on ${target}.`)];
  const deviation = result.deviation;
  const steps = result.steps ?? [];
  return [
    element("p", [element("strong", result.outcome, { class: `o-${result.outcome} badge` }), ` ${asked.level}`]),
    facts([
      ["expected", prose(asked.text)],
      ["because", prose(asked.why)],
      ["sources", asked.sources.flatMap((each, place) => [place ? "; " : "", source(each)])],
      ["seen", result.seen ?? "it held"],
      ["written down", deviation ? [`${deviation.reason} (`, source(deviation.source), ")"] : ""],
      ["declared absent", (result.absent ?? []).join(", ")],
      ["again", element("code", result.again)],
    ]),
    ...(steps.length
      ? [element("h3", `${steps.length} ${steps.length > 1 ? "requests" : "request"}`), element("ol", steps.map(step), { class: "steps" })]
      : []),
    ...(result.curl
      ? [element("h3", "The same as curl, in bash"), element("p", ["With the target's address in URL; ", element("code", `make up TARGETS=${target}`), " starts one and tells it."]), element("pre", result.curl, { tabindex: "0" })]
      : []),
  ];
}

function clauseContent(found, clause) {
  const asked = found.clauses[clause];
  if (!asked) return [element("p", `This run has no clause ${clause}.`)];
  const rows = Object.entries(found.results).map(([target, results]) => {
    const { outcome, seen } = results[clause];
    return element("tr", [
      element("th", element("a", target, { href: `#cell=${target}/${clause}` }), { scope: "row" }),
      element("td", outcome, { class: `o-${outcome}` }),
      element("td", seen ?? ""),
    ]);
  });
  return [
    facts([
      [asked.level, prose(asked.text)],
      ["because", prose(asked.why)],
      ["sources", asked.sources.flatMap((each, place) => [place ? "; " : "", source(each)])],
    ]),
    element("div", element("table", element("tbody", rows)), { class: "scroll", tabindex: "0", role: "region", "aria-label": "Targets" }),
  ];
}

async function open(cell, clause) {
  const [target, name] = cell ? cell.split(/\/(.*)/s) : ["", clause];
  const close = element("button", "Close", { type: "button" });
  close.addEventListener("click", () => dialog.close());
  const title = element("h2", target ? `${name} on ${target}` : name, { id: "evidence-title" });
  const found = await evidence();
  dialog.replaceChildren(element("div", [title, close], { class: "bar" }), ...(target ? cellContent(found, target, name) : clauseContent(found, name)));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function show() {
  const parameters = address();
  for (const name of NAMES) form.elements[name].value = parameters.get(name) ?? "";
  filter(Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value])));
  if (parameters.has("cell") || parameters.has("clause")) open(parameters.get("cell"), parameters.get("clause"));
  else if (dialog.open) dialog.close();
}

/** Links to evidence keep the filters. */
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#cell="], a[href^="#clause="]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const parameters = address();
  parameters.delete("cell");
  parameters.delete("clause");
  for (const [name, value] of new URLSearchParams(link.hash.slice(1))) parameters.set(name, value);
  go(parameters);
});

form.addEventListener("change", () => go(new FormData(form)));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => go([]));
dialog.addEventListener("close", () => {
  const parameters = address();
  if (!parameters.has("cell") && !parameters.has("clause")) return;
  parameters.delete("cell");
  parameters.delete("clause");
  go(parameters);
});
addEventListener("hashchange", () => {
  const details = location.hash.includes("=") ? null : document.getElementById(location.hash.slice(1))?.closest("details");
  if (details) details.open = true;
  show();
});
addEventListener("popstate", show);
addEventListener("beforeprint", () => document.querySelectorAll("details:not(.code)").forEach((each) => (each.open = true)));

form.hidden = false;
show();
