// The simulator's control interface, /sim/, as functions. Nothing else of the page makes requests.

/** What /sim answered with an error; the message is its sentence. */
class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.name = "Refused";
    this.status = status;
  }
}

/** `body`: a value that is sent as JSON, or a Blob that is sent as it is. */
async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = body instanceof Blob ? body : JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, "The simulator does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refused(response.status, answer.error ?? `The simulator answered ${response.status}.`);
  return answer;
}

const name = encodeURIComponent;

export const getWorld = () => call("GET", "/sim/world");
export const getChat = (chat) => call("GET", `/sim/chat/${name(chat)}`);
export const getWire = (since = 0) => call("GET", `/sim/wire?since=${since}`);
export const getLog = () => call("GET", "/sim/log");
export const sendMessage = (message) => call("POST", "/sim/message", message);
export const sendTogether = (events) => call("POST", "/sim/webhook", { events });
export const addPerson = (person) => call("POST", "/sim/people", person);
export const block = (person) => call("POST", `/sim/people/${name(person)}/block`, {});
export const unblock = (person) => call("POST", `/sim/people/${name(person)}/unblock`, {});
export const addGroup = (group) => call("POST", "/sim/groups", group);
export const markRead = (person) => call("POST", "/sim/read", { person });
export const redeliver = (eventId) => call("POST", "/sim/redeliver", { eventId });
export const reset = () => call("POST", "/sim/reset", {});
export const getPerson = (person) => call("GET", `/sim/people/${name(person)}`);
export const setPerson = (person, attributes) => call("POST", `/sim/people/${name(person)}`, attributes);
export const joinGroup = (group, person) => call("POST", `/sim/groups/${name(group)}/join`, { person });
export const leaveGroup = (group, person) => call("POST", `/sim/groups/${name(group)}/leave`, { person });
export const setChannel = (settings) => call("POST", "/sim/channel", settings);
export const verifyWebhook = () => call("POST", "/sim/verify", {});
export const addKey = (jwk) => call("POST", "/sim/keys", jwk);
export const removeKey = (kid) => call("DELETE", `/sim/keys?kid=${name(kid)}`);
export const putState = (file) => call("PUT", "/sim/state", file);
export const getOperations = () => call("GET", "/sim/operations");
export const getErrors = () => call("GET", "/sim/errors");
export const getFaults = () => call("GET", "/sim/faults");
export const addFault = (rule) => call("POST", "/sim/faults", rule);
export const removeFault = (id) => call("DELETE", `/sim/faults?id=${name(id)}`);
export const clearFaults = () => call("DELETE", "/sim/faults");
export const moveClock = (advance) => call("POST", "/sim/clock", { advance });
export const getCoupon = (id) => call("GET", `/sim/coupons/${name(id)}`);

/** The bytes of something a person sent. */
export async function getMedia(id) {
  const response = await fetch(`/sim/media/${name(id)}`);
  if (!response.ok) throw new Refused(response.status, "The simulator has no bytes for that message.");
  return response.blob();
}

const EVENTS = ["entry", "wire", "world", "loading", "log", "bot", "reset"];
const AGAIN_MS = 700; // browsers of their own wait several seconds

/** Opens the event stream, and opens it again whenever it ends. `onOpen` comes each time: fetch everything then. */
export function listen({ onOpen, onLost, onEvent }) {
  const source = new EventSource("/sim/events");
  source.addEventListener("open", onOpen);
  source.addEventListener("error", () => {
    source.close();
    onLost();
    setTimeout(() => listen({ onOpen, onLost, onEvent }), AGAIN_MS);
  });
  for (const kind of EVENTS)
    source.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data || "{}")));
}
