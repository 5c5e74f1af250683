using ActionStream.Core.Retrying;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Onvif;

/// <summary>Listens to what a camera itself reports as motion, and votes for its being awake meanwhile. A vote more: without it, and
/// without the camera's word, the gate decides by the stream.</summary>
/// <remarks>A subscription that broke is made again, ever slower; until then there is no vote.</remarks>
public sealed partial class OnvifMotion(
    string camera, OnvifAddress address, WakeVotes votes, Backoff backoff, TimeProvider time, Random random, ILogger<OnvifMotion> log)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly MotionState _motion = new();
    private readonly LastSaid<SourceFault> _said = new();

    /// <summary>Runs until it is cancelled; its failures are logged and retried, never thrown.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var failures = 0;
        var failingSince = time.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            var isLasting = false;
            try
            {
                await ListenAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                break;
            }
            catch (SourceException broken)
            {
                isLasting = broken.Fault is SourceFault.Unauthorized or SourceFault.NotFound;
                LogOnce(broken);
            }
            catch (Exception ours)
            {
                LogUnforeseen(ours, camera);
            }
            finally
            {
                _motion.Clear();
                votes.Set(camera, WakeReasons.Onvif, false);
            }

            if (time.GetElapsedTime(began) > backoff.HealthyAfter || failures == 0)
            {
                (failures, failingSince) = (0, time.GetTimestamp());
            }

            failures++;
            var delay = backoff.Delay(failures, time.GetElapsedTime(failingSince), random.NextDouble(), isLasting);
            await Task.Delay(delay, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        using var device = await OnvifDevice.OpenAsync(address, time, cancel);
        var point = await PullPoint.CreateAsync(device, cancel);
        try
        {
            LogListening(camera, address.Safe);
            _said.Forget();
            var renewed = time.GetTimestamp();
            while (true)
            {
                foreach (var notification in await point.PullAsync(cancel))
                {
                    _motion.Take(notification);
                }

                votes.Set(camera, WakeReasons.Onvif, _motion.IsMoving);
                if (time.GetElapsedTime(renewed) > PullPoint.Lifetime / 2)
                {
                    await point.RenewAsync(cancel);
                    renewed = time.GetTimestamp();
                }
            }
        }
        finally
        {
            await LeaveAsync(point);
        }
    }

    // Cameras have room for a few subscriptions only, and keep those of whoever is gone for a minute.
    private async Task LeaveAsync(PullPoint point)
    {
        using var limit = new CancellationTokenSource(Farewell, time);
        try
        {
            await point.UnsubscribeAsync(limit.Token);
        }
        catch (Exception gone) when (gone is SourceException or OperationCanceledException)
        {
            // Then it runs out by itself.
        }
    }

    private void LogOnce(SourceException broken)
    {
        if (_said.IsNews(broken.Fault))
        {
            LogBroken(camera, broken.Fault.Label, broken.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Camera}: its motion events come from {Address}")]
    private partial void LogListening(string camera, string address);

    [LoggerMessage(LogLevel.Warning,
        "{Camera}: no motion events over ONVIF ({Reason}): {Problem}. Its stream alone decides when it sleeps; tried again, ever slower")]
    private partial void LogBroken(string camera, string reason, string problem);

    [LoggerMessage(LogLevel.Error, "{Camera}: an error of this program's in listening to ONVIF events; please report it. Tried again")]
    private partial void LogUnforeseen(Exception fault, string camera);
}
