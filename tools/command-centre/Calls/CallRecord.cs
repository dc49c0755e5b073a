using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>The sealed part of a call: what people said, and where it is.</summary>
internal sealed record CallTexts
{
    public string Title { get; init; } = "";
    public string Details { get; init; } = "";
    public string Address { get; init; } = "";

    /// <summary>Null while nobody knows where it is.</summary>
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }

    /// <summary>How to reach the caller. Stays at the centre.</summary>
    public string Contact { get; init; } = "";

    public bool HasPlace => Latitude is not null && Longitude is not null;
}

/// <summary>A caller's voice that belongs to a call.</summary>
internal sealed record CallRecording(byte[] Sha256, long SizeBytes, string MediaType);

/// <summary>A call as it lies in the database. Changed by `with`, stored by <see cref="CallTable.Save"/>.</summary>
internal sealed record CallRecord
{
    public required Guid Id { get; init; }

    /// <summary>For people: 2026-1129-0007.</summary>
    public required string Number { get; init; }

    /// <summary>Rises with every change.</summary>
    public long Revision { get; init; } = 1;
    public CallKind Kind { get; init; }
    public bool Urgent { get; init; }

    /// <summary>"": the city's own.</summary>
    public string District { get; init; } = "";
    public PoliceType PoliceType { get; init; }
    public CallState State { get; init; } = CallState.Open;

    /// <summary>"": the centre, as long as it was sent to nobody.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The revision that made the owner the owner: what a car did on an older one belongs to an earlier turn.</summary>
    public long OwnerRevision { get; init; }
    public long ReceivedAt { get; init; }
    public string TakenBy { get; init; } = "";

    /// <summary>Who dispatched it last; hears of it first.</summary>
    public string DispatchedBy { get; init; } = "";

    /// <summary>Since when nobody has acknowledged it; null once somebody has.</summary>
    public long? WaitingSince { get; init; }

    /// <summary>Since when it lies with the present owner.</summary>
    public long OwnerSince { get; init; }

    /// <summary>0 to 3: how far up it was reported that nobody acknowledges.</summary>
    public int Escalation { get; init; }

    /// <summary>When it is next; null: not.</summary>
    public long? EscalateAt { get; init; }

    /// <summary>The car that the escalation proposes, "" for none.</summary>
    public string Proposed { get; init; } = "";

    /// <summary>Whom the owner offered it to, and what became of it.</summary>
    public string HandOverFrom { get; init; } = "";
    public string HandOverTo { get; init; } = "";
    public CallHandOverState HandOver { get; init; }

    /// <summary>Back-up was asked for and nobody has answered.</summary>
    public bool BackUpOpen { get; init; }

    /// <summary>How it ended (CallWords.Results); "" until then.</summary>
    public string Result { get; init; } = "";
    public long? ClosedAt { get; init; }

    /// <summary>Rows of its time line: tells a page that there is more to read.</summary>
    public long Entries { get; init; }
    public CallRecording? Recording { get; init; }
    public CallTexts Texts { get; init; } = new();
    public long? ErasedAt { get; init; }

    public bool IsWaiting => State is CallState.Open or CallState.Dispatched;
}

/// <summary>One line of a call's story.</summary>
internal sealed record CallEntry
{
    /// <summary>By the centre's clock.</summary>
    public long At { get; init; }

    /// <summary>By the car's, for its steps; else the same.</summary>
    public long HappenedAt { get; init; }

    /// <summary>Account, officer, or "centre".</summary>
    public string Actor { get; init; } = "";

    /// <summary>The car it came from or was about; "" for none.</summary>
    public string UnitId { get; init; } = "";

    /// <summary>CallWords.Acts, or taken, changed, recording, escalated, hand_over_accepted, hand_over_refused, back_up_answered.</summary>
    public string What { get; init; } = "";

    /// <summary>changed, kept (with the call, moves nothing), presence (of a unit that does not own it), late (moves nothing any more).</summary>
    public string Effect { get; init; } = "kept";
    public CallState State { get; init; }
    public string Text { get; init; } = "";
}
