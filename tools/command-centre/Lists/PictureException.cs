using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>What is wrong with a picture for enrolment, for pages that have words of their own.</summary>
internal enum PictureFault
{
    /// <summary>Too few or too many pictures.</summary>
    Number,
    Unreadable,
    NoFace,
    ManyFaces,

    /// <summary>Too small, turned, blurred, dark: the message says which.</summary>
    Poor,

    /// <summary>Not the person of the other picture.</summary>
    OtherPerson,

    /// <summary>The other picture once more.</summary>
    SamePicture,
}

/// <summary>A picture that cannot be enrolled from.</summary>
internal sealed class PictureException(PictureFault fault, string message, Exception? inner = null) : CentreException(message, inner)
{
    public PictureFault Fault { get; } = fault;

    /// <summary>Which of an officer's pictures, from 1; 0: this is about none of them, or there is only one.</summary>
    public int Picture { get; init; }

    /// <summary>The one that it was compared with; 0: none.</summary>
    public int Other { get; init; }
}
