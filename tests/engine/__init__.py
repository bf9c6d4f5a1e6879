"""The engine over a real store, in virtual time, without a broker: whole nights in milliseconds."""
