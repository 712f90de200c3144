// The open chat: its rows, the loading dots, the quick replies, and staying at the end.

import { markRead } from "../api.js";
import { byId } from "../lib/dom.js";
import { summary } from "../lib/text.js";
import { entriesOf, me } from "../model.js";
import { announce } from "../ui/toast.js";
import { createEnd } from "./end.js";
import { createLoading } from "./loading.js";
import { createMessageMenu } from "./menu.js";
import { createQuickReplies } from "./quickreply.js";
import { createRows } from "./rows.js";

export function createChat({ model, sender, actions, compose }) {
  const scroll = byId("talk-scroll");
  const listBox = byId("talk-list");
  const rows = createRows(listBox, { model, sender, perform: actions.perform });
  const end = createEnd(scroll, listBox);
  const loading = createLoading(listBox, { model, onShow: end.keep });
  const quick = createQuickReplies(compose.quickBox, { model, actions });
  createMessageMenu({ scroll, rows, model, sender, compose });

  const entries = () => entriesOf(model, model.selected?.chat);

  function draw() {
    rows.replace(entries());
    loading.draw();
    quick.draw();
    end.jump();
    read();
  }

  function read() {
    const { selected } = model;
    if (!selected || document.hidden || !me(model)) return; // after a reset, the person may be gone
    markRead(selected.me).catch(() => {}); // a courtesy to the simulator; nothing here depends on it
  }

  function take({ entry, isNew }) {
    if (entry.chat !== model.selected?.chat) return;
    if (isNew) add(entry);
    else rows.change(entry);
  }

  function add(entry) {
    rows.append(entry);
    loading.draw();
    quick.draw();
    end.arrived(entry.from === "person" && entry.userId === me(model)?.userId);
    if (entry.from !== "bot") return;
    announce(`${entry.name}: ${summary(entry)}`);
    read();
  }

  model.on("select", draw);
  model.on("chat", () => !rows.show(entries()) && draw()); // after a lost connection: only if something has changed
  model.on("entry", take);
}
