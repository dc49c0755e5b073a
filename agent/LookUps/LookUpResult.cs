using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.LookUps;

/// <summary>What an officer asks.</summary>
/// <param name="Subject">As written.</param>
/// <param name="CallId">Of the call that it is for; else empty.</param>
internal sealed record LookUpQuestion(LookUpKind Kind, string Subject, LookUpPurpose Purpose, string Reason, ByteString CallId);

/// <summary>An answer while it is kept: in memory, for the session that asked.</summary>
/// <param name="AtTimestamp">Running time, which it ages by.</param>
internal sealed record LookUpResult(
    Guid Id, string SessionId, LookUpKind Kind, string Subject, LookUpPurpose Purpose, long AtUnixMs, long AtTimestamp, LookUpReply Reply);

/// <summary>What came of a question.</summary>
/// <param name="Code">"" when answered.</param>
/// <param name="Wait">Before asking again, where that is why.</param>
internal sealed record LookUpVerdict(string Code, TimeSpan Wait, LookUpResult? Result);
