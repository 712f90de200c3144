// A webhook or an API call as a command for the shell.

import { text } from "../lib/safe.js";

/** In single quotes, as POSIX shells take them. */
const shell = (value) => `'${text(value).replaceAll("'", `'\\''`)}'`;

const UNWANTED = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);

function headers(given) {
  return Object.entries(given ?? {})
    .filter(([name]) => !UNWANTED.has(name.toLowerCase()))
    .map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`);
}

/** The very bytes that were signed, with their signature. */
export const webhookAsCurl = (item) =>
  join([`curl -X POST ${shell(item.url)}`, ...headers(item.headers), `--data-binary ${shell(item.raw)}`]);

/** The page does not know the access token: the shell has it in a variable. */
export function callAsCurl(item) {
  const address = `${location.origin}${item.path}${item.query ? `?${item.query}` : ""}`;
  const { authorization, ...others } = item.requestHeaders ?? {};
  const token = authorization ? [`-H "authorization: Bearer $LINE_CHANNEL_ACCESS_TOKEN"`] : [];
  const body = item.request ? [`--data-binary ${shell(JSON.stringify(item.request))}`] : [];
  return join([`curl -X ${item.method} ${shell(address)}`, ...token, ...headers(others), ...body]);
}

const join = (parts) => parts.join(" \\\n  ");
