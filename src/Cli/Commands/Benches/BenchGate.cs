using System.CommandLine;
using System.Globalization;
using ActionStream.Bench.Quiet;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench gate`: whether cameras that sleep miss anything, on composed recordings.</summary>
internal static class BenchGate
{
    public static Command Create()
    {
        var recordings = BenchCommand.AtLeast(
            1, new("--recordings") { Description = "Recordings to compose and judge.", DefaultValueFactory = _ => 500 });
        var seed = BenchCommand.AtLeast(0, new("--seed") { Description = "Another seed, other recordings.", DefaultValueFactory = _ => 1 });
        var from = BenchCommand.AtLeast(
            0, new("--from") { Description = "First recording's number: to go on where another run ended.", DefaultValueFactory = _ => 0 });
        var keep = new Option<string?>("--keep") { Description = "A folder in which the recordings stay." };
        var model = new Option<string>("--model") { Description = "A model's folder.", DefaultValueFactory = _ => ModelFolder.Default };
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "gate", "Recordings that are still and then are not: decisions and events of a camera that sleeps beside one that never does.")
        {
            recordings, from, seed, keep, model, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = LogFactory.Create(LogLevel.Warning);
            if (parsed.GetValue(keep) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            var bench = new GateBench(
                parsed.GetValue(from), parsed.GetValue(recordings), parsed.GetValue(seed), parsed.GetValue(keep),
                parsed.GetValue(model)!, log);
            var report = await bench.RunAsync(Tell, signals.Stop);
            return report.Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static void Tell(JudgedRecording one)
    {
        var plan = one.Recording.Plan;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Name} {(one.IsEqual ? "equal" : "DIFFERENT")} {plan.Scene} {plan.Coding} {plan.Size} {plan.FramesPerSecond}/s "
            + $"key {plan.KeySeconds} s{(plan.HasClock ? " clock" : "")}, {one.Recording.What} at {plan.Reach}: "
            + $"asleep {one.Asleep / one.Still:0%}, {one.FalseWakes} false wakes ({one.Wakes}), kept awake by {one.Kept}, "
            + $"{(one.WasAwake ? "was awake" : one.SleptThrough ? "slept through" : $"woke after {one.Woke?.TotalSeconds:0.00} s")}, "
            + $"windows {one.Windows}, {one.Unequal} unequal, {one.Extra} more; first {one.AlwaysFirst} | {one.GatedFirst}; "
            + $"events {one.AlwaysEvents} | {one.GatedEvents}"));
    }
}
