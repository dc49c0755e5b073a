using System.Net;
using System.Net.Http.Json;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Power;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent.Login;

public sealed class AutoLockTests
{
    [Fact]
    public async Task A_screen_that_nobody_touches_locks_and_opens_again_to_its_officer_in_the_same_session()
    {
        await using BenchCar car = await StartAsync(new SignInOptions { LockAfterMinutes = 5 });
        _ = car.TakePlates();
        _ = await car.SignInAsync();
        string session = car.Get<OfficerDesk>().OnDuty!.SessionId;
        AutoLock locks = car.Get<AutoLock>();
        car.Time.Jump(TimeSpan.FromMinutes(4));
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsync("/api/session/touch", null)).StatusCode);
        car.Time.Jump(TimeSpan.FromMinutes(4));
        locks.Tick();
        Assert.Equal(HttpStatusCode.OK, (await car.Http.GetAsync("/api/session")).StatusCode);
        car.Time.Jump(TimeSpan.FromMinutes(2));
        locks.Tick();
        Assert.Equal((HttpStatusCode.Unauthorized, "screen_locked"), await OfficerTests.CodeAsync(await car.Http.GetAsync("/api/session")));
        Assert.True(car.Get<MatchGate>().Refresh().Plates, "an officer who comes back finds what was missed");
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
        Assert.Equal(session, car.Get<OfficerDesk>().OnDuty!.SessionId);
        Assert.Equal("untouched", Assert.Single(car.Audit(), r => r.Kind == AuditKind.ScreenLocked).Purpose);
        Assert.Equal(session, Assert.Single(car.Audit(), r => r.Kind == AuditKind.ScreenBack).SessionId);
        Assert.DoesNotContain(car.Audit(), r => r.Kind == AuditKind.SignOut);
    }

    [Fact]
    public async Task Matching_is_suspended_once_nobody_could_have_decided_for_long_and_another_officer_may_take_over()
    {
        await using BenchCar car = await StartAsync(new SignInOptions { LockAfterMinutes = 5, MatchLockedMinutes = 10 });
        _ = car.TakePlates();
        _ = await car.SignInAsync();
        car.Time.Jump(TimeSpan.FromMinutes(6));
        car.Get<AutoLock>().Tick();
        car.Time.Jump(TimeSpan.FromMinutes(11));
        Assert.Equal("screen_locked", car.Get<MatchGate>().Refresh().Code);
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        Assert.True(car.Get<MatchGate>().Refresh().Plates);
        Assert.Equal("replaced", Assert.Single(car.Audit(), r => r.Kind == AuditKind.SignOut).Purpose);
    }

    [Fact]
    public async Task Somebody_before_the_cab_camera_keeps_the_drivers_screen_open_as_a_number_and_nothing_more()
    {
        await using BenchCar car = await StartAsync(new SignInOptions { LockAfterMinutes = 5, WatchesCab = true });
        await using FakeEyes eyes = await car.EyesAsync();
        Assert.DoesNotContain(eyes.Told, m => m.Cab is { Looking: not CabLooking.Off });
        _ = await car.SignInAsync();
        car.Get<AutoLock>().Tick();
        await Eventually.HoldsAsync(() => eyes.Told.Any(m => m.Cab?.Looking == CabLooking.Count), "faces are counted");
        int counted = 0;
        car.Get<CabCamera>().Counted += (faces, _) => Interlocked.Add(ref counted, faces);
        car.Time.Jump(TimeSpan.FromMinutes(4));
        await eyes.SendAsync(new EyesMessage { Cab = new CabFrame { CameraId = "cab", CapturedMonoMs = eyes.MonoMs, Faces = 1 } });
        await Eventually.HoldsAsync(() => Volatile.Read(ref counted) == 1, "one face");
        car.Time.Jump(TimeSpan.FromMinutes(3));
        car.Get<AutoLock>().Tick();
        Assert.Null(Assert.Single(car.Get<OfficerDesk>().Crew).LockedAt);
        car.Time.Jump(TimeSpan.FromMinutes(3));
        car.Get<AutoLock>().Tick();
        Assert.NotNull(Assert.Single(car.Get<OfficerDesk>().Crew).LockedAt);
    }

    [Fact]
    public async Task Ignition_off_locks_every_screen_once_and_names_it()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        AutoLock locks = car.Get<AutoLock>();
        BoxBook box = car.Get<BoxBook>();
        box.Power = box.Power with { Ignition = new IgnitionReading(true, "") };
        _ = await car.SignInAsync();
        using HttpClient tablet = await CrewTests.SecondAsync(car, BenchCar.OtherOfficerId);
        locks.Tick();
        Assert.All(car.Get<OfficerDesk>().Crew, m => Assert.Null(m.LockedAt));
        box.Power = box.Power with { Ignition = new IgnitionReading(false, "") };
        locks.Tick();
        Assert.All(car.Get<OfficerDesk>().Crew, m => Assert.NotNull(m.LockedAt));
        // Who opens it again with the ignition off means to.
        _ = await car.SignInAsync();
        locks.Tick();
        Assert.Equal(2, car.Audit().Count(r => r.Kind == AuditKind.ScreenLocked && r.Purpose == "ignition_off"));
        Assert.Equal(HttpStatusCode.OK, (await car.Http.GetAsync("/api/session")).StatusCode);
    }

    private static Task<BenchCar> StartAsync(SignInOptions options) => BenchCar.StartAsync(o => o with { SignIn = options });
}
