using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Agent.Scenes;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Eyes.V1;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>The whole state of the car as the page shows it, from the parts that know.</summary>
internal sealed class StateView(CarFacts car, CentreSettings settings, ReleaseBook releases, StageTable stages, CameraView cameras, ListView lists, OfficerView officers, LinkView link, IEnumerable<IStateArea> areas)
{
    /// <param name="signedIn">Whether whoever looks is on duty at an open screen; others see the car, and nothing of its work.</param>
    public object Now(bool signedIn) => new
    {
        car.UnitId,
        CarFacts.SoftwareVersion,
        timeUnixMs = car.Clock.NowUnixMs,
        timeTrust = Words.Of(car.Clock.Trust),
        link = link.Link(),
        stages = stages.Snapshot().Select(s => new { s.Name, state = Words.Of(s.Condition), s.Detail, s.RateHz, s.Restarts }),
        cameras = cameras.All(),
        lists = lists.All(),
        officer = officers.OnDuty(),
        crew = officers.Crew(),
        matching = officers.Matching(),
        position = officers.Position(),
        privacy = officers.Privacy(),
        // For those on duty, not for whoever sits in the car; all of a call is in the area of that name.
        calls = signedIn ? link.Calls() : [],
        instructions = signedIn ? link.Instructions() : [],
        patrol = link.Patrol(),
        configuration = new { settings.Version, settings.InForce },
        release = releases.View(),
        counters = car.Counters(),
        disk = car.Disk(),
        areas = areas.Where(a => signedIn || a.ForEverybody).ToDictionary(a => a.Name, a => a.Now()),
    };
}

internal sealed class CameraView(CarOptions options, EyesFacts eyes, LeaseBook leases, ClipDesk clips, PtzDesk ptz, SceneBook scenes, TrustedClock clock)
{
    // A camera that says nothing for this long is lost, whatever it said last.
    private const long SilentMs = 5_000;

    /// <summary>Of the frames that are due, fewer than this share analysed: the box is behind, and the officer is told.</summary>
    private const float LeastShare = 0.8f;

    public IEnumerable<object> All()
    {
        IReadOnlyDictionary<string, CameraWord> words = eyes.Cameras;
        IReadOnlyList<Watcher> watchers = leases.Watchers;
        IReadOnlyList<AskedClip> asked = clips.Shown;
        IReadOnlyCollection<string> keeping = clips.Keeping;
        long now = clock.MonoMs;
        return options.Cameras.Select(camera =>
        {
            CameraWord? word = words.GetValueOrDefault(camera.Id);
            bool silent = word is not null && now - word.HeardMonoMs > SilentMs;
            CameraStatus said = word?.Status ?? new CameraStatus();
            SceneMinute? minute = scenes.Of(camera.Id);
            return new
            {
                camera.Id,
                camera.LabelZh,
                camera.LabelEn,
                state = silent || said.State == CameraState.Lost ? "lost" : said.State == CameraState.Streaming ? "streaming" : "connecting",
                detail = silent ? "no word from the process that looks" : said.Detail,
                fps = Math.Round(said.MainFps > 0 ? said.MainFps : said.SubFps, 1),
                ageMs = said.LastFrameMonoMs > 0 ? Math.Max(0, now - said.LastFrameMonoMs) : (long?)null,
                said.Codec,
                ptz = ptz.CanSteer(camera.Id),
                camera.PreviewOnly,
                said.Frozen,
                said.Black,
                lastMinute = minute is null ? null : new
                {
                    headsMedian = minute.HeadsKnown ? minute.HeadsMedian : (uint?)null,
                    headsMax = minute.HeadsKnown ? minute.HeadsMax : (uint?)null,
                    vehicles = minute.VehiclesKnown ? minute.Vehicles : (uint?)null,
                },
                wantedFps = Math.Round(said.WantedFps, 1),
                analysedFps = Math.Round(said.AnalysedFps, 1),
                degraded = said.AnalysedFps < LeastShare * said.WantedFps && said.WantedFps >= 1,
                watchers = watchers.Where(w => w.CameraId == camera.Id).Select(w => new { w.Viewer, w.Reason, w.EndsAtUnixMs }),
                // What the ring holds, and whether some of it is being kept now: nothing else of a camera is recorded.
                heldSeconds = camera.PreviewOnly || silent || said.State != CameraState.Streaming ? 0 : options.Vision.RingSeconds,
                keeping = keeping.Contains(camera.Id),
                clipsAsked = asked.Where(c => c.CameraId == camera.Id).Select(c => new { c.Viewer, c.Reason, c.AtUnixMs }),
            };
        });
    }

    public int Streaming()
    {
        long now = clock.MonoMs;
        return eyes.Cameras.Values.Count(w => w.Status.State == CameraState.Streaming && now - w.HeardMonoMs <= SilentMs);
    }
}

internal sealed class ListView(WatchlistLibrary library, TrustedClock clock)
{
    public IEnumerable<object> All()
    {
        bool suspended = !clock.IsVouched;
        return library.Status().Select(s =>
        {
            bool waits = suspended && s.Why.Condition == ListCondition.Loaded;
            return new
            {
                s.Facts.ListId,
                s.Facts.Version,
                kind = Words.Of(s.Facts.Kind),
                category = Words.Of(s.Facts.Category),
                s.Facts.TitleZh,
                s.Facts.TitleEn,
                s.Entries,
                s.Facts.Authority,
                s.Facts.LegalReference,
                s.Facts.IssuedAtUnixMs,
                s.Facts.ValidToUnixMs,
                state = waits ? "suspended" : Words.Of(s.Why.Condition),
                code = waits ? "clock_untrusted" : s.Why.Code,
                detailZh = waits ? "时间未经确认，暂停比对，名单保留。" : s.Why.Zh,
                detailEn = waits ? "The time is not confirmed: not matched for now, and kept." : s.Why.En,
            };
        });
    }
}

internal sealed class OfficerView(OfficerDesk desk, MatchGate gate, PositionBook positions)
{
    public object? OnDuty() => desk.OnDuty is { } s ? new { s.OfficerId, s.DisplayName, s.Role, s.SinceUnixMs } : null;


    public IEnumerable<object> Crew() => desk.Crew.Select(m => new
    {
        m.Session.OfficerId,
        m.Session.DisplayName,
        m.Session.Role,
        m.Session.SinceUnixMs,
        screen = Words.Of(m.Session.Screen),
        locked = m.LockedAt is not null,
    });

    public object Matching()
    {
        Matching now = gate.Now;
        return new { now.Faces, now.Plates, now.Code, detailZh = now.SentenceZh, detailEn = now.SentenceEn };
    }

    public object Privacy()
    {
        PrivacyNow now = gate.Privacy.Look();
        return new
        {
            now.Unchecked,
            places = now.Places.Select(p => new { p.Id, p.NameZh, p.NameEn, p.Cameras, p.AllowViews, p.NotMatched, sector = p.PanFromDegrees is not null }),
        };
    }

    public object? Position() => positions.Current is not { } p ? null : new
    {
        latitude = p.LatitudeDegrees,
        longitude = p.LongitudeDegrees,
        p.SpeedMps,
        p.HeadingDegrees,
        fix = p.Fix switch { GnssFix._2D => "2d", GnssFix._3D => "3d", GnssFix.DeadReckoning => "dead_reckoning", _ => "none" },
        positions.AgeMs,
        stale = p.Stale || positions.AgeMs > 3000,
    };
}

internal sealed class LinkView(CentreLink link, CallBook calls, InstructionBook instructions, PatrolBook patrol)
{
    public object Link()
    {
        LinkState s = link.State;
        return new
        {
            phase = Words.Of(s.Phase),
            sinceUnixMs = s.Since.ToUnixTimeMilliseconds(),
            s.Detail,
            s.RttMs,
            backlogEvents = s.Backlog,
            oldestUnackedMs = s.Backlog > 0 ? s.OldestUnackedMs : (long?)null,
            refusedEvents = s.Refused,
        };
    }

    public object Patrol() => new
    {
        patrol.Current.Version,
        routes = patrol.Current.Routes.Select(r => new { id = r.PlanId, r.Version, r.Name, items = r.Items.Count }),
    };

    public IEnumerable<object> Instructions() => instructions.Unread.Select(c => new
    {
        id = Convert.ToHexStringLower(c.Instruction.InstructionId.Span),
        c.Instruction.Text,
        c.Instruction.Urgent,
        c.Issuer,
        c.IssuedAtUnixMs,
    });

    public IEnumerable<object> Calls() => calls.Calls.Select(c => new
    {
        id = Convert.ToHexStringLower(c.CallId.Span),
        c.Number,
        c.Title,
        part = Words.Of(c.Part),
        state = Words.Of(c.State),
    });
}
