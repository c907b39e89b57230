//! The program as people and scripts run it: a real hub as a process, real commands beside it.

mod feed;
mod hub;
mod process;

mod analysing;
mod calling;
mod comparing;
mod doctor;
mod explaining;
mod hostile;
mod misbehaving;
mod offering;
mod overload;
mod querying;
mod reading;
mod serving;
mod stopped;
mod tailing;
mod waiting;
