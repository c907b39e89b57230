//! Values of roam services that are known only by their described shapes.
