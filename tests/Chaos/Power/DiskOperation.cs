namespace EdgeAgent.Chaos.Power;

/// <summary>One thing that a program asked of its files, in the order in which the kernel answered. Paths are absolute.</summary>
internal abstract record DiskOperation(string Path);

internal sealed record Opened(string Path, int Descriptor, bool Create, bool Truncate) : DiskOperation(Path);

/// <summary>Bytes at an offset; null: at the end of what was written so far through this descriptor.</summary>
internal sealed record Written(string Path, int Descriptor, long? Offset, byte[] Data) : DiskOperation(Path);

internal sealed record Resized(string Path, long SizeBytes) : DiskOperation(Path);

/// <summary>Blocks given to a file, which grows to hold them.</summary>
internal sealed record Allocated(string Path, long EndBytes) : DiskOperation(Path);

/// <summary>fsync or fdatasync of a file or folder.</summary>
internal sealed record Synced(string Path) : DiskOperation(Path);

internal sealed record Renamed(string From, string To) : DiskOperation(From);

internal sealed record Linked(string From, string To) : DiskOperation(From);

internal sealed record Unlinked(string Path) : DiskOperation(Path);

internal sealed record FolderMade(string Path) : DiskOperation(Path);

internal sealed record Sought(string Path, int Descriptor, long Offset) : DiskOperation(Path);

/// <summary>A call that is not modelled.</summary>
internal sealed record Unknown(string Path, string Call) : DiskOperation(Path);
