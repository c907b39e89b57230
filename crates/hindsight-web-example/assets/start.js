import init from "/assets/{{glue}}";

init({ module_or_path: "/assets/{{wasm}}" });
