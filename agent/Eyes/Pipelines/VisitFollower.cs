using EdgeAgent.Hw.Cameras;
using EdgeAgent.Vision.Tracking;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// From boxes to visits: follows what was found from frame to frame, begins and ends visits and orders closer looks. Detection thread.
/// </summary>
internal sealed class VisitFollower(Seeing seeing, LookQueue looks, Counters counters)
{
    /// <summary>Unseen for this long (three frames) it is told; the tracker keeps the visit open a little longer.</summary>
    private const long OutOfSightMs = 350;

    private readonly List<Track> _updated = [];
    private readonly List<Track> _ended = [];

    /// <summary>Visits begun and looks and tellings ordered since the start: unchanged over a frame, it was a quiet one.</summary>
    public long Events { get; private set; }

    /// <summary>Takes what was found in one frame.</summary>
    /// <param name="boxes">In pixels of a picture <see cref="CameraPipeline.TrackedWidth"/> wide.</param>
    /// <param name="shape">The picture's height by its width.</param>
    /// <param name="capturedMonoMs">When it was captured.</param>
    public void Follow(CameraPipeline camera, VisitKind kind, ReadOnlySpan<TrackBox> boxes, float shape, long capturedMonoMs)
    {
        var tracker = kind == VisitKind.Face ? camera.Faces : camera.Plates;
        // The two streams' frames of one camera come a little out of order; the tracker's time goes forwards.
        tracker.Update(boxes, Math.Max(capturedMonoMs, tracker.LastMonoMs), _updated, _ended);
        int mainWidth = camera.Reader.MainSize.Width;
        if (kind == VisitKind.Plate)
            camera.PlateFrames++;
        const float Width = CameraPipeline.TrackedWidth;
        // While reading keeps up, a visit is better served by a look at once.
        long cheaperIn = looks.IsBehind && camera.Plan.MainDecoding == Decoding.None ? camera.Reader.Ring.Keys.WorthWaitingMs(capturedMonoMs) : 0;
        foreach (var track in _updated)
        {
            float height = Width * shape;
            var box = new ShareBox(track.Box.X1 / Width, track.Box.Y1 / height, track.Box.X2 / Width, track.Box.Y2 / height);
            var visit = (Visit?)track.Tag ?? Begin(camera, kind, track, box, capturedMonoMs);
            if (kind == VisitKind.Plate)
            {
                if (visit.Identity.IsOther)
                    visit = BeginInPlaceOf(visit, track, box, capturedMonoMs);
                else if (capturedMonoMs - visit.BeganMonoMs >= seeing.PlateMemoryMs)
                    visit = BeginAnew(visit, track, box, capturedMonoMs);
                visit.Identity.Seen(capturedMonoMs, camera.PlateFrames);
            }
            visit.LastSeenMonoMs = capturedMonoMs;
            visit.OutOfSight = false;
            for (int lost = visit.TakeLost(); lost > 0; lost--)
                visit.Plan.GiveBack();
            if (mainWidth == 0)
                continue;
            var candidate = new Candidate(capturedMonoMs, box, box.Width * mainWidth, track.Score, cheaperIn);
            if (visit.Settled)
            {
                if (kind == VisitKind.Plate && visit.Identity.Offer(candidate, Visit.LeastPlateWidthPx, Visit.SurePlateScore))
                    looks.Add(new LookOrder(visit, LookAct.Check, candidate, Last: false));
                continue;
            }
            if (visit.Refuted && !visit.Plan.IsSure)
                camera.Refuted.Add(box, capturedMonoMs);
            if (visit.Plan.Offer(candidate, idle: !looks.IsBehind))
                AddLook(visit, candidate);
            if (kind == VisitKind.Plate && !visit.Counted && visit.Plan.IsSure)
            {
                visit.Counted = true;
                camera.Scene.AddVehicle();
            }
        }
        foreach (var track in _ended)
            if (track.Tag is Visit gone)
            {
                Tell(gone);
                camera.Visits.Remove(gone);
            }
        tracker.GiveBack(_ended);
    }

    /// <summary>Time passed: what has not been seen for a moment is told.</summary>
    public void TellOutOfSight(CameraPipeline camera, long monoMs)
    {
        foreach (var visit in camera.Visits)
        {
            long patience = visit.Kind == VisitKind.Plate ? Math.Max(OutOfSightMs, 3 * camera.Plan.SlowestPlateStepMs / 2) : OutOfSightMs;
            if (monoMs - visit.LastSeenMonoMs >= patience)
                Tell(visit);
        }
    }

    /// <summary>Whether more frames would tell more although nothing moves: something new is there, or a look is still wanted.</summary>
    public static bool IsBusy(CameraPipeline camera)
    {
        if (camera.Faces.HasUnconfirmed || camera.Plates.HasUnconfirmed)
            return true;
        foreach (var visit in camera.Visits)
            if (visit is { Settled: false, OutOfSight: false, Plan.WantsMore: true })
                return true;
        return false;
    }

    private Visit Begin(CameraPipeline camera, VisitKind kind, Track track, in ShareBox box, long capturedMonoMs)
    {
        var visit = new Visit(track.VisitId, kind, seeing.Epoch(kind), camera, capturedMonoMs);
        if (kind == VisitKind.Plate && camera.Refuted.Contains(box, capturedMonoMs))
            visit.Plan.Refute();
        track.Tag = visit;
        camera.Visits.Add(visit);
        counters.Tracked(kind);
        Events++;
        return visit;
    }

    /// <summary>The tracker took another thing for one that was read: it is a visit of its own from here on.</summary>
    private Visit BeginInPlaceOf(Visit taken, Track track, in ShareBox box, long capturedMonoMs)
    {
        Tracker.BeginVisit(track);
        _ = taken.Camera.Visits.Remove(taken);
        return Begin(taken.Camera, taken.Kind, track, box, capturedMonoMs);
    }

    /// <summary>A plate that stays in sight is not remembered for longer than one that goes: what was read is told and let go, and it is read again.</summary>
    private Visit BeginAnew(Visit old, Track track, in ShareBox box, long capturedMonoMs)
    {
        Tell(old);
        var visit = BeginInPlaceOf(old, track, box, capturedMonoMs);
        visit.Counted = old.Counted;
        return visit;
    }

    private void Tell(Visit visit)
    {
        if (visit.OutOfSight || visit.Settled)
            return;
        visit.OutOfSight = true;
        if (visit.Plan.Leave() is { } best)
            AddLook(visit, best);
        looks.Add(new LookOrder(visit, LookAct.Tell, default(Candidate) with { MonoMs = visit.LastSeenMonoMs }, Last: true));
        Events++;
    }

    private void AddLook(Visit visit, in Candidate candidate)
    {
        looks.Add(new LookOrder(visit, LookAct.Look, candidate, visit.Plan.Taken >= CropPlan.MaxCrops));
        Events++;
    }
}
