using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Does what the plan says, each action for its time, and puts everything back.</summary>
internal sealed class ChaosActors(ChaosSite site)
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly HttpClientsAtFault _clients = new(site);

    public Task DoAsync(ChaosAction action) => action.Kind switch
    {
        _ when action.Target is { } camera => DoAsync(action, site.Cameras[camera]),
        ChaosKind.CutBroker => DuringAsync(action, () => site.BrokerLine.IsCut = true, () => site.BrokerLine.IsCut = false),
        ChaosKind.SlowBroker => DuringAsync(
            action, () => site.BrokerLine.BytesPerSecond = 2000 + (int)(action.Roll * 8000), () => site.BrokerLine.BytesPerSecond = 0),
        ChaosKind.SilenceBroker => DuringAsync(action, () => site.BrokerLine.Holds = true, () => site.BrokerLine.Holds = false),
        ChaosKind.RestartBroker or ChaosKind.KillBroker => RestartBrokerAsync(action),
        ChaosKind.FillDisk => DuringAsync(action, new Ballast(site.State).Fill, new Ballast(site.State).Free),
        ChaosKind.BreakConfiguration => ReconfigureAsync(action, site.Configuration with { Spoilt = "  broken: [\n\t}" }),
        ChaosKind.MisspellSetting => ReconfigureAsync(action, site.Configuration with { Spoilt = "hoop: 3\n" }),
        ChaosKind.AddCamera => ReconfigureAsync(action, site.Configuration with { HasExtra = true }),
        ChaosKind.RemoveCamera => ReconfigureAsync(action, site.Configuration with { Without = [AnyShaky(action)] }),
        ChaosKind.ChangeCamera => ReconfigureAsync(action, site.Configuration with { Changed = AnyShaky(action) }),
        ChaosKind.PressMemory => PressMemoryAsync(action),
        ChaosKind.SilentClients => _clients.KeepAsync(80, "", action.Lasts),
        ChaosKind.HalfSentHeaders => _clients.KeepAsync(80, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Part: ", action.Lasts),
        ChaosKind.EmptyTemporaryFolder => EmptyTemporaryFolderAsync(action),
        ChaosKind.KillDecoder => KillDecoderAsync(action),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action.Kind, "nobody does this"),
    };

    private async Task DoAsync(ChaosAction action, ShakyCamera camera)
    {
        switch (action.Kind)
        {
            case ChaosKind.KillCamera:
                await camera.Server.KillAsync();
                await Task.Delay(action.Lasts, Clock);
                await camera.Server.StartAgainAsync();
                break;
            case ChaosKind.FreezeCamera:
                await DuringAsync(action, camera.Server.Freeze, camera.Server.Thaw);
                break;
            case ChaosKind.SlowCamera:
                await DuringAsync(
                    action, () => camera.Line.BytesPerSecond = 1000 + (int)(action.Roll * 10_000), () => camera.Line.BytesPerSecond = 0);
                break;
            case ChaosKind.HoldCamera:
                await DuringAsync(action, () => camera.Line.Holds = true, () => camera.Line.Holds = false);
                break;
            case ChaosKind.DamagePackets:
                await DuringAsync(action, () => camera.Faults.Damage = action.Roll / 20, () => camera.Faults.Damage = 0);
                break;
            case ChaosKind.TearStream:
                await DuringAsync(action, () => camera.Faults.Tear = action.Roll / 500, () => camera.Faults.Tear = 0);
                break;
            case ChaosKind.ResizeCamera:
                await camera.ResizeAsync();
                break;
            case ChaosKind.JumpClock:
                camera.Faults.ClockSteps += action.Roll < 0.5 ? (byte)1 : (byte)255; // three minutes on or back
                await Task.Delay(action.Lasts, Clock);
                break;
            default:
                foreach (var child in SocketOwners.Under(site.Service.Child.Id, camera.Line.Port))
                {
                    Processes.Signal(child, action.Roll < 0.7 ? "KILL" : "SEGV");
                }

                break;
        }
    }

    private static async Task DuringAsync(ChaosAction action, Action begin, Action end)
    {
        begin();
        try
        {
            await Task.Delay(action.Lasts, Clock);
        }
        finally
        {
            end();
        }
    }

    /// <summary>The service is kept away until the subscriber is back: what it missed in between nobody could judge.</summary>
    private async Task RestartBrokerAsync(ChaosAction action)
    {
        site.BrokerLine.IsCut = true;
        await Task.Delay(TimeSpan.FromMilliseconds(300), Clock); // what the broker has, the subscriber gets
        var subscribed = site.Listener.Subscribed;
        await (action.Kind == ChaosKind.KillBroker ? site.Broker.KillAsync() : site.Broker.StopAsync());
        await Task.Delay(action.Lasts, Clock);
        await site.Broker.StartAgainAsync();
        for (var tries = 0; site.Listener.Subscribed == subscribed && tries < 300; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Clock);
        }

        site.BrokerLine.IsCut = false;
    }

    private async Task ReconfigureAsync(ChaosAction action, SiteConfiguration other) => await DuringAsync(
        action, () => site.Service.Replace(other.Yaml), () => site.Service.Replace(site.Configuration.Yaml));

    /// <summary>A decoder has no socket and no camera's name: one of all.</summary>
    private Task KillDecoderAsync(ChaosAction action)
    {
        int[] decoders = [.. ProcessTree.Descendants(site.Service.Child.Id).Where(IsDecoder)];
        if (decoders.Length > 0)
        {
            Processes.Signal(decoders[(int)(action.Roll * decoders.Length)], action.Roll < 0.7 ? "KILL" : "SEGV");
        }

        return Task.Delay(action.Lasts, Clock);

        static bool IsDecoder(int process) =>
            ProcessTree.CommandLine(process).Contains("-f nut -i pipe:0 ", StringComparison.Ordinal);
    }

    private static string AnyShaky(ChaosAction action) => ChaosSite.Shaky[(int)(action.Roll * ChaosSite.Shaky.Count)];

    private static async Task PressMemoryAsync(ChaosAction action)
    {
        await using var eater = new Child("/usr/bin/python3", ["-c", "import time; taken = bytearray(400 << 20); time.sleep(60)"]);
        await Task.Delay(action.Lasts, Clock);
    }

    private async Task EmptyTemporaryFolderAsync(ChaosAction action)
    {
        foreach (var folder in Directory.EnumerateDirectories(site.Temporary))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(site.Temporary))
        {
            File.Delete(file);
        }

        if (action.Roll < 0.3) // some cleaners take the folder too
        {
            Directory.Delete(site.Temporary);
            await Task.Delay(action.Lasts, Clock);
            Directory.CreateDirectory(site.Temporary);
        }
    }
}
