namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Something that a person can mend; the message says what was wrong, where, and what to do.</summary>
internal class CentreException(string message, Exception? inner = null) : Exception(message, inner);
