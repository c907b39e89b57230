// Loads the program, on the page and in its workers. What can go wrong before it runs is shown on
// the page by the banner that it would show, and told to the page by a worker.
import init from "/assets/{{glue}}";

const run = (module) =>
  init({ module_or_path: module }).catch((error) => {
    console.error(error);
    if (!self.document) setTimeout(() => { throw error; });
    else document.getElementById("crash").hidden = false;
  });

// What an address shows besides the first module, asked for while that compiles. Failing here fails
// nothing: who needs a part loads it, from the browser's cache if it is there.
const ahead = () => {
  const view = location.pathname.split("/")[1];
  const trace = [{{part trace}}, {{part worker}}];
  const files = view === "" ? [] : view === "trace" ? trace : [{{part views}}];
  for (const file of new Set(files)) {
    fetch(file).then((answer) => answer.arrayBuffer()).catch(() => {});
  }
};

if (self.document) {
  ahead();
  run("/assets/{{wasm}}");
} else {
  // Libraries ask the window for timers and the address; a worker's scope has both.
  self.Window = self.constructor;
  // The page has compiled the program already.
  self.addEventListener("message", (event) => run(event.data), { once: true });
}
