using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ActionStream.Unit.Deploy;

namespace ActionStream.EndToEnd.Support;

/// <summary>
/// The image without a container engine: the Dockerfile's instructions are performed in folders under artifacts/image, on what
/// .dockerignore lets through. The last stage begins as a bare Debian, which has the same packages by the same names.
/// </summary>
internal sealed partial class BuiltImage
{
    private const string BuildStage = "build";
    private const string LastStage = "service";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string Folder = Path.Combine(Parts.Root, "artifacts", "image");
    private static readonly string Source = Path.Combine(Folder, "source");

    private readonly IReadOnlyList<string> _context =
        new DockerIgnore(File.ReadAllText(Path.Combine(Parts.Root, ".dockerignore"))).Files(Parts.Root);

    private BuiltImage()
    {
    }

    public Dockerfile Dockerfile { get; } = new(File.ReadAllText(Path.Combine(Parts.Root, "Dockerfile")));

    /// <summary>What would be the container's root.</summary>
    public string Root { get; } = Path.Combine(Folder, "root");

    public IEnumerable<string> Environment => Dockerfile.Environment(LastStage).Select(pair => $"{pair.Name}={pair.Value}");

    public IReadOnlyList<string> Command => Dockerfile.Command(LastStage);

    public string User => Dockerfile.Texts(LastStage, "USER").Single();

    public string Volume => Dockerfile.Texts(LastStage, "VOLUME").Single();

    /// <summary>The command of HEALTHCHECK.</summary>
    public string HealthCheck => Dockerfile.Texts(LastStage, "HEALTHCHECK").Single().Split(" CMD ")[1];

    public static async Task<BuiltImage> BuildAsync()
    {
        var image = new BuiltImage();
        Directory.CreateDirectory(Folder);
        await image.MakeProgramAsync();
        await image.MakeRootAsync();
        await image.CopyIntoRootAsync();
        return image;
    }

    /// <summary>The stage that compiles. What the compiler left from the last time stays, so that the next time is short.</summary>
    private async Task MakeProgramAsync()
    {
        Directory.CreateDirectory(Source);
        foreach (var old in Directory.EnumerateFileSystemEntries(Source).Where(path => Path.GetFileName(path) != "artifacts")
            .Concat(Directory.EnumerateDirectories(Folder, "app*")))
        {
            await RunAsync("rm", "-rf", old);
        }

        // What `dotnet test` tells its children is not for a build of its own.
        string[] kept = ["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "NUGET_PACKAGES", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
        string[] environment =
        [
            .. kept.Where(name => System.Environment.GetEnvironmentVariable(name) is not null)
                .Select(name => $"{name}={System.Environment.GetEnvironmentVariable(name)}"),
            .. Dockerfile.Environment(BuildStage).Select(pair => $"{pair.Name}={pair.Value}"),
            "MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", // nothing stays behind
        ];
        foreach (var (keyword, text) in Dockerfile.Instructions(BuildStage))
        {
            if (keyword == "COPY")
            {
                CopyFromContext(Dockerfile.CopyOf(text), Source);
            }
            else if (keyword == "RUN")
            {
                await RunAsync("env", ["-i", "-C", Source, .. environment, "sh", "-ec", TopFolder().Replace(text, $"{Folder}$0")]);
            }
        }
    }

    /// <summary>What the last stage installs, and its user. Made again only where the Dockerfile asks for something else.</summary>
    private async Task MakeRootAsync()
    {
        var packages = Dockerfile.Packages(LastStage);
        var steps = Dockerfile.Texts(LastStage, "RUN").Where(text => !text.Contains("apt-get", StringComparison.Ordinal)).ToArray();
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. packages, .. steps]))));
        var keyPath = Root + ".key";
        if (File.Exists(keyPath) && await File.ReadAllTextAsync(keyPath) == key)
        {
            return;
        }

        File.Delete(keyPath);
        await RunAsync("rm", "-rf", Root);
        await RunAsync( // its mounts end with it
            "unshare", "--mount", "--pid", "--fork", "--kill-child",
            "debootstrap", "--variant=minbase", $"--include={string.Join(',', packages)}", "bookworm", Root);
        foreach (var step in steps)
        {
            await InRootAsync(step);
        }

        await File.WriteAllTextAsync(keyPath, key);
    }

    private async Task CopyIntoRootAsync()
    {
        await RunAsync("rm", "-rf", Root + Dockerfile.Texts(LastStage, "WORKDIR").Single());
        foreach (var copy in Dockerfile.Copies(LastStage))
        {
            if (copy.Stage is null)
            {
                CopyFromContext(copy, Root);
                continue;
            }

            var (from, to) = (copy.Sources.Single().Replace("${VARIANT}", "cpu", StringComparison.Ordinal), Root + copy.Target);
            from = from.StartsWith("/source", StringComparison.Ordinal) ? Folder + from : TopFolder().Replace(from, $"{Folder}$0");
            Directory.CreateDirectory(to);
            await RunAsync("cp", "-al", "--remove-destination", from + "/.", to);
        }
    }

    /// <summary>Runs a shell's line in the root, as its administrator and with nothing mounted.</summary>
    public Task<string> InRootAsync(string line, params string[] environment) => RunAsync(
        "chroot", [Root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. environment, "sh", "-ec", line]);

    private void CopyFromContext(Dockerfile.Copy copy, string root)
    {
        foreach (var (from, to) in copy.Sources.SelectMany(source => copy.Files(source, _context)))
        {
            var path = Path.Combine(root, to.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(path); // it may be a link to what is not ours
            File.Copy(Path.Combine(Parts.Root, from), path);
        }
    }

    private static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        await using var child = new Child(program, arguments);
        var code = await child.ExitAsync(Patience);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{child.All}");
        return child.Output;
    }

    /// <summary>/app, /app-cpu and the like where a word begins with it.</summary>
    [GeneratedRegex(@"(?<!\S)/app")]
    private static partial Regex TopFolder();
}
