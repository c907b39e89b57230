// Loads the program, on the page and in its workers. What can go wrong before it runs is shown on
// the page by the banner that it would show, and told to the page by a worker.
import init from "/assets/{{glue}}";

const run = async (module) => {
  try {
    await init({ module_or_path: await module });
  } catch (error) {
    console.error(error);
    if (!self.document) setTimeout(() => { throw error; });
    else document.getElementById("crash").hidden = false;
  }
};

// The hub is called while the program loads; the program's first connection takes this socket.
// Roam's first word is the caller's, so that nothing is said before somebody listens.
const call = () => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  self.hindsightSocket = new WebSocket(`${scheme}//${location.host}/`);
};

// What an address shows besides the first module, asked for while that compiles. Failing here fails
// nothing: who needs a part loads it, from the browser's cache if it is there.
const ahead = (view) => {
  const trace = [{{part trace}}, {{part worker}}];
  const files = view === "" ? [] : view === "trace" ? trace : [{{part views}}];
  for (const file of new Set(files)) {
    fetch(file).then((answer) => answer.arrayBuffer()).catch(() => {});
  }
};

// A trace is read and drawn by a worker, which gets its program later. One that fails is of no use.
const spawn = () => {
  const worker = new Worker(import.meta.url, { type: "module" });
  worker.onerror = () => delete self.hindsightWorker;
  self.hindsightWorker = worker;
};

// The program finds its document, and measures with its style.
const dressed = () => {
  const parsed = new Promise((done) => {
    if (document.readyState !== "loading") done();
    else document.addEventListener("DOMContentLoaded", done);
  });
  const style = document.querySelector("link[rel=stylesheet]");
  const styled = new Promise((done) => {
    if (style.sheet) done();
    else style.onload = style.onerror = done;
  });
  return Promise.all([parsed, styled]);
};

if (self.document) {
  const view = location.pathname.split("/")[1];
  if (view === "trace") spawn();
  const module = WebAssembly.compileStreaming(fetch("/assets/{{wasm}}"));
  call();
  ahead(view);
  dressed().then(() => run(module));
  // The first look into the browser's storage takes a while; there is time for it now.
  try { void (localStorage.length + sessionStorage.length); } catch { /* Then there is none. */ }
} else {
  // Libraries ask the window for timers and the address; a worker's scope has both.
  self.Window = self.constructor;
  // What the page says before the program listens is kept for it, up to a bound.
  const said = (self.hindsightSaid = []);
  self.onmessage = ({ data }) => {
    // The page has compiled the program already.
    if (data instanceof WebAssembly.Module) return run(data);
    // A token, empty or not, is the word to call the hub.
    if (said.length === 0 && typeof data === "string") call();
    if (said.length < 256) said.push(data);
  };
}
