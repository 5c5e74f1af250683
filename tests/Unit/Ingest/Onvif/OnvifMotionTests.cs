using ActionStream.Core.Configuration;
using ActionStream.Core.Retrying;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Support;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Ingest.Onvif;

/// <summary>Motion that a camera reports becomes a vote for its being awake.</summary>
public sealed class OnvifMotionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Backoff Quick = new() { First = TimeSpan.FromMilliseconds(20), AuthFloor = TimeSpan.FromMilliseconds(50) };

    private readonly WakeVotes _votes = new();
    private readonly LogLines<OnvifMotion> _log = new();
    private readonly CancellationTokenSource _stop = new();

    [Theory]
    [InlineData(OnvifLoginKind.UsernameToken, false, "127.0.0.1")]
    [InlineData(OnvifLoginKind.HttpDigest, true, "127.0.0.1")]
    [InlineData(OnvifLoginKind.UsernameToken, false, "10.9.9.9")]
    public async Task Motion_wakes_the_camera_until_it_ends_and_stopping_takes_leave(OnvifLoginKind kind, bool refusesFilters, string host)
    {
        using var camera = new OnvifCamera { Kind = kind, RefusesFilters = refusesFilters, OwnHost = host };
        var running = Listen(camera, camera.Password);
        await UntilAsync(() => camera.Subscribers == 1);

        camera.Move(true);
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.Onvif);
        Assert.Equal(WakeReasons.None, _votes.Of("door"));
        camera.Move(false);
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.None);

        camera.Move(true);
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.Onvif);
        await _stop.CancelAsync();
        await running.WaitAsync(Patience);
        Assert.Equal(WakeReasons.None, _votes.Of("yard"));
        Assert.Equal(0, camera.Subscribers);
        Assert.Empty(camera.Complaints);
    }

    [Fact]
    public async Task A_camera_that_forgot_us_is_asked_again_and_votes_nothing_meanwhile()
    {
        using var camera = new OnvifCamera();
        var running = Listen(camera, camera.Password);
        await UntilAsync(() => camera.Subscribers == 1);
        camera.Move(true);
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.Onvif);

        camera.Restart();
        camera.Move(true); // to nobody
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.None && camera.Subscribers == 1);
        camera.Move(true);
        await UntilAsync(() => _votes.Of("yard") == WakeReasons.Onvif);
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);
        await _stop.CancelAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_wrong_password_is_said_once_however_often_it_is_tried_and_never_shown()
    {
        using var camera = new OnvifCamera();
        var running = Listen(camera, "hunter3-wrong");
        await UntilAsync(() => camera.Asked.Count(name => name.EndsWith('!')) >= 3);
        var warning = Assert.Single(_log.Lines, line => line.Level >= LogLevel.Warning);
        Assert.Contains("(auth)", warning.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter3", warning.Text, StringComparison.Ordinal);
        await _stop.CancelAsync();
        await running.WaitAsync(Patience);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private Task Listen(OnvifCamera camera, string password) => new OnvifMotion(
        "yard", new([new(camera.Address)], new(camera.User, Secret.Parse(password))), _votes, Quick, TimeProvider.System, new Random(1),
        _log).RunAsync(_stop.Token);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }
}
