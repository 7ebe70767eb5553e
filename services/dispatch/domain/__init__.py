"""The rules of dispatch, as pure functions on frozen data: state, command and time in, a decision out."""
