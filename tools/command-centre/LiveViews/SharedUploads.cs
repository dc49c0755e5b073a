using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Whoever watches the same camera at the same quality watches one upload.</summary>
internal sealed class SharedUploads
{
    private readonly Dictionary<(string UnitId, string CameraId, int Quality), (LiveFanOut FanOut, int Leases)> shared = [];

    /// <summary>Somebody here watches this camera at this quality, or nobody any more.</summary>
    public event Action<string, bool>? AudienceChanged;

    /// <summary>The car sent a piece of this view to this gateway.</summary>
    public event Action<string, LiveFormat, ReadOnlyMemory<byte>, VideoFragment>? FragmentCame;

    public LiveFanOut? FanOutOf(string view)
    {
        lock (shared)
            return shared.FirstOrDefault(one => NameOf(one.Key) == view).Value.FanOut;
    }

    public LiveFanOut Share(LeaseRow row)
    {
        lock (shared)
        {
            var (fanOut, leases) = shared.GetValueOrDefault(KeyOf(row));
            var view = NameOf(KeyOf(row));
            fanOut ??= new LiveFanOut
            {
                Audience = any => AudienceChanged?.Invoke(view, any),
                Came = (format, init, fragment) => FragmentCame?.Invoke(view, format, init, fragment),
            };
            shared[KeyOf(row)] = (fanOut, leases + 1);
            return fanOut;
        }
    }

    public void Unshare(LeaseRow row)
    {
        lock (shared)
        {
            var (fanOut, leases) = shared[KeyOf(row)];
            if (leases > 1)
                shared[KeyOf(row)] = (fanOut, leases - 1);
            else if (shared.Remove(KeyOf(row)))
                fanOut.Close();
        }
    }

    private static string NameOf((string UnitId, string CameraId, int Quality) key) => $"{key.UnitId}/{key.CameraId}/{key.Quality}";

    private static (string UnitId, string CameraId, int Quality) KeyOf(LeaseRow row) => (row.UnitId, row.CameraId, row.Quality);
}
