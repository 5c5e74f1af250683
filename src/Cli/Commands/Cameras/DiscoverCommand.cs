using System.CommandLine;
using System.Net;
using ActionStream.Cli.Output;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>`discover`: the cameras of this network, their streams, and the configuration that takes the one that suits.</summary>
internal static class DiscoverCommand
{
    private static readonly TimeSpan MeasureFor = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var address = new Argument<string?>("camera")
        {
            Description = $"Only this camera: {OnvifAddress.Expected}; all of the network if not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var wait = new Option<string>("--for") { Description = "How long answers are waited for.", DefaultValueFactory = _ => "3s" };
        var network = new Option<string?>("--interface") { Description = "Only this interface, by name or address; all but loopback." };
        var user = new Option<string?>("--user") { Description = "The user that cameras ask for; one in the address goes before." };
        var password = new Option<string?>("--password-file") { Description = "A file with that user's password, one line." };
        var model = new Option<string?>("--model") { Description = "The folder of the model that streams are to suit; the packaged one." };
        var measure = new Option<bool>("--measure")
        {
            Description = "Decode each stream for four seconds to measure what it costs; otherwise it is estimated.",
        };
        var to = new Option<string?>("--out") { Description = "A file for the configuration; standard output if not given." };
        var json = CommonOptions.Json();
        var command = new Command(
            "discover", "Cameras of this network by ONVIF: their streams, what each costs here, and the configuration with the one that "
                + "suits the model.") { address, wait, network, user, password, model, measure, to, json };
        command.SetAction((parsed, cancel) => RunAsync(
            new(
                parsed.GetValue(address), parsed.GetValue(wait)!, parsed.GetValue(network), parsed.GetValue(user),
                parsed.GetValue(password), parsed.GetValue(model), parsed.GetValue(measure), parsed.GetValue(to)),
            parsed.GetValue(json), cancel));
        return command;
    }

    private sealed record Asked(
        string? Camera, string For, string? Interface, string? User, string? PasswordFile, string? Model, bool Measure, string? Out);

    private static async Task<int> RunAsync(Asked asked, bool json, CancellationToken cancel)
    {
        var camera = asked.Camera is { } text
            ? OnvifAddress.Parse(text) ?? throw new UsageException(OnvifAddress.WhyNot(text))
            : null;
        var login = LoginOf(asked);
        var patience = SettingText.TryParse(asked.For, out var wait) && wait >= TimeSpan.FromSeconds(0.5) && wait <= TimeSpan.FromMinutes(1)
            ? wait
            : throw new UsageException($"--for is {asked.For}; expected 500ms to 1m with its unit, such as 3s");
        var networks = NetworksOf(asked.Interface);
        var model = asked.Model is { } folder ? CardFile.Load(ModelFolder.Resolve(folder)).Input : PackagedModel.Input();

        var time = TimeProvider.System;
        using var pool = new PixelPool();
        var environment = new FfmpegEnvironment(new FfmpegLauncher(time), () => FfmpegTool.Find(), pool, time);
        var costs = await DecodeCosts.OfMachineAsync(environment, ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists), cancel);
        var lister = new CameraLister(model, login, costs, asked.Measure ? new(environment, MeasureFor) : null, time);
        var listing = camera is not null ? OneAsync() : AllAsync();
        var cameras = json ? await listing : await WaitingLine.OnError.ShowAsync(
            camera is not null ? $"asking {camera.Safe}" : $"calling all cameras for {SettingText.Of(patience)}", listing);

        var (user, placeholder) = (camera?.Login ?? login) is { } known
            ? (known.User, CameraYaml.Placeholder(camera?.Login is null ? asked.PasswordFile : null, known.Password.Reveal() ?? ""))
            : (null, null);
        return Answer(cameras, new CameraYaml(user, placeholder), model, asked.Out, json);

        async Task<IReadOnlyList<ListedCamera>> OneAsync() => [await lister.ListAsync(camera!, null, cancel)];

        async Task<IReadOnlyList<ListedCamera>> AllAsync() =>
            await lister.ListAsync(await new WsDiscovery(time).FindAsync(networks, patience, cancel), cancel);
    }

    private static int Answer(
        IReadOnlyList<ListedCamera> cameras, CameraYaml yaml, Core.Modelling.ModelInput model, string? path, bool json)
    {
        var isListed = cameras.Any(camera => camera.Streams.Count > 0);
        var text = isListed ? yaml.Of(cameras) : "";

        var lines = ListingText.Lines(cameras, model).ToArray();
        if (isListed && path is not null)
        {
            Save(path, $"{string.Concat(lines.Select(line => $"# {line}\n"))}{text}");
        }

        if (json)
        {
            var answer = AnswerJson.ToNode(DiscoverAnswer.Of(cameras, model))!;
            answer["yaml"] = isListed ? text : null; // as it is: a variable in an address is not to be taken for a password
            AnswerJson.Write(answer);
        }
        else if (!isListed)
        {
            Array.ForEach(lines, Console.Error.WriteLine);
        }
        else
        {
            // All of it is a configuration, so that it can be sent to a file as it is.
            Array.ForEach(lines, line => Console.WriteLine(path is null ? $"# {line}" : line));
            if (path is null)
            {
                Outputs.Checked.Write(text); // likewise
            }
            else
            {
                Console.WriteLine($"written to {path}");
            }
        }

        if (!json && cameras.Count == 0)
        {
            Terminal.WriteError(
                "no camera answered. ONVIF may be switched off in them, or they are in another network: "
                + "ask one by its address (discover HOST)");
        }

        return isListed ? ExitCode.Good : ExitCode.Failed;
    }

    private static OnvifLogin? LoginOf(Asked asked)
    {
        if (asked.User is null && asked.PasswordFile is null)
        {
            return null;
        }

        if (asked.User is not { Length: > 0 } user || asked.PasswordFile is not { } file)
        {
            throw new UsageException(
                $"{(asked.User is null ? "--user" : "--password-file")} is missing; expected both, or the login in the address");
        }

        var (text, problem) = OutsideFile.Read(file);
        return problem is null
            ? new(user, Secret.Parse(text!))
            : throw new UsageException($"--password-file is {file}, which {problem}");
    }

    private static IReadOnlyList<IPAddress> NetworksOf(string? name)
    {
        var networks = name is null ? WsDiscovery.Networks() : WsDiscovery.NetworkOf(name);
        return networks.Count > 0 || name is null ? networks : throw new UsageException(
            $"--interface is {name}, which has no IPv4 address here; expected the name or address of one that has");
    }

    private static void Save(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out is {path}; it cannot be written: {failed.Message}");
        }
    }
}
