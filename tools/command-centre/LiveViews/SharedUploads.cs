using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Whoever watches the same camera at the same quality watches one upload.</summary>
internal sealed class SharedUploads
{
    private readonly Dictionary<(string UnitId, string CameraId, int Quality), (LiveFanOut FanOut, int Leases)> shared = [];

    public LiveFanOut Share(LeaseRow row)
    {
        lock (shared)
        {
            var (fanOut, leases) = shared.GetValueOrDefault(KeyOf(row));
            fanOut ??= new LiveFanOut();
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

    private static (string UnitId, string CameraId, int Quality) KeyOf(LeaseRow row) => (row.UnitId, row.CameraId, row.Quality);
}
