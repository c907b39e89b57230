// Loads the program. What can go wrong before it runs is shown by the banner that it would show.
import init from "/assets/{{glue}}";

init({ module_or_path: "/assets/{{wasm}}" }).catch((error) => {
  console.error(error);
  document.getElementById("crash").hidden = false;
});
