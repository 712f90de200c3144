// What LINE's documentation leaves open: what the simulator does there, and the other answers to try a bot with.
// Law: nothing here knows a guess by its name; questions, sentences and values come from the simulator, the default first.

import { setChannel } from "../api.js";
import { h, put } from "../lib/dom.js";
import { list, text } from "../lib/safe.js";
import { about, save, section, toggle } from "./form.js";

export function guessesPart() {
  let guesses = [];
  let rows = new Map(); // name -> row
  const summary = h("summary", {});
  const all = h("ul.guesses", { "aria-label": "Guesses" });
  const back = h("button.button.small", { type: "button", on: { click: toDefaults } }, "Back to the defaults");
  const element = section(
    "Where LINE does not say",
    about(
      "LINE's documentation leaves these open: try the bot with the other answers, too. On the command line, --guess takes the code.",
    ),
    h("details.guesses-group", {}, summary, back, all),
  );

  async function toDefaults() {
    const asked = guesses.filter(differs).map(({ name, values }) => [name, values[0]]);
    const taken = await save(all, () => setChannel({ guesses: Object.fromEntries(asked) }));
    if (taken) summary.focus(); // the button has nothing more to do
  }

  /** The rows are made once: news of the world leaves alone where the focus is. */
  function make() {
    rows = new Map(guesses.map((guess) => [guess.name, row(guess)]));
    put(
      all,
      [...rows.values()].map((one) => one.element),
    );
  }

  return {
    element,
    show(_channel, world) {
      guesses = list(world.guesses);
      if (guesses.some(({ name }) => !rows.has(name))) make();
      for (const guess of guesses) rows.get(guess.name).show(guess);
      const count = guesses.filter(differs).length;
      put(
        summary,
        `${guesses.length} questions `,
        count ? h("span.changed", {}, `${count} changed`) : h("span.note", {}, "all by default"),
      );
      back.disabled = count === 0;
    },
  };
}

const differs = ({ value, values }) => value !== values[0];

/** A value as the command line has it: true, 30, refused. */
const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** The same for readers: "as many as fit". */
const spoken = (value) =>
  written(value).replace(/([a-z])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`);

/** Question, what is done here, and name=value with what changes it. */
function row(guess) {
  const { name, question, sentence } = guess;
  const mark = h("span.changed", {}, "changed");
  const heading = h("span", { id: `guess-${name}` }, text(question));
  const before = h("b", {}, "By default: ");
  const note = h("small", { id: `guess-${name}-note` }, before, withCode(sentence));
  const code = h("code", { id: `guess-${name}-code` });
  const control = typeof guess.value === "boolean" ? switched(guess, code) : chosen(guess, code);
  control.input.setAttribute("aria-labelledby", heading.id);
  control.input.setAttribute("aria-describedby", `${note.id} ${code.id}`);
  return {
    element: h("li.guess", {}, h("div.guess-head", {}, heading, mark), note, control.element),
    show(news) {
      before.hidden = mark.hidden = !differs(news);
      put(code, name, h("wbr"), `=${written(news.value)}`);
      control.set(news);
    },
  };
}

const keep = (name, value) => setChannel({ guesses: { [name]: value } });

function switched({ name }, code) {
  const { element, input } = toggle(code, null, (on) => keep(name, on));
  return { element, input, set: ({ value }) => (input.checked = value) };
}

function chosen({ name, values }, code) {
  const label = (value, at) => `${spoken(value)}${at ? "" : " (default)"}`;
  const input = h(
    "select",
    {},
    values.map((value, at) => h("option", { value: at }, label(value, at))),
  );
  let now = 0;
  input.addEventListener("change", async () => {
    if (!(await save(input, () => keep(name, values[input.selectedIndex])))) input.selectedIndex = now;
  });
  return {
    element: h("label.guess-choice", {}, code, input),
    input,
    set({ value }) {
      now = input.selectedIndex = values.indexOf(value);
    },
  };
}

/** A sentence in which `this` is code. */
const withCode = (sentence) =>
  text(sentence)
    .split("`")
    .map((part, at) => (at % 2 ? h("code", {}, part) : part));
