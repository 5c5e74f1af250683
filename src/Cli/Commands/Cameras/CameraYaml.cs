using System.Text.Encodings.Web;
using System.Text.Json;
using ActionStream.Core.Configuration;
using ActionStream.Core.Results;
using ActionStream.Ingest.Onvif;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>Writes cameras as a configuration has them. What a camera calls itself is text from outside: it stands in quotes or in
/// comments, names no variable, and ends no line.</summary>
/// <param name="user">Who asks the cameras; null for nobody.</param>
/// <param name="password">What stands for the password, such as ${CAMERA_PASSWORD}; never the password.</param>
internal sealed class CameraYaml(string? user, string? password)
{
    /// <summary>The variable that takes the password's place where no file has it.</summary>
    public const string Variable = "${CAMERA_PASSWORD}";

    private const int LongestName = 100;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The section of the cameras; no secret that is known is in it.</summary>
    public string Of(IReadOnlyList<ListedCamera> cameras)
    {
        var to = new StringWriter { NewLine = "\n" };
        to.WriteLine("cameras:");
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var camera in cameras)
        {
            foreach (var stream in camera.Suiting)
            {
                to.WriteLine($"  {Key(camera, taken)}:");
                Write(camera, stream, to);
            }
        }

        return KnownSecrets.Mask(to.ToString());
    }

    /// <summary>What the stream's address looks like in the configuration.</summary>
    public string Url(OnvifProfile profile)
    {
        var address = Dollars(SafeUri.Of(profile.Address));
        return user is null ? address : address.Insert(
            address.IndexOf("://", StringComparison.Ordinal) + 3, $"{Uri.EscapeDataString(user)}:{password}@");
    }

    /// <summary>What stands for a password: the file that has it, where its text can stand in an address as it is.</summary>
    public static string Placeholder(string? file, string password) =>
        file is not null && Uri.EscapeDataString(password) == password && !file.Contains('}', StringComparison.Ordinal)
            ? $"${{file:{Path.GetFullPath(file)}}}"
            : Variable;

    private void Write(ListedCamera camera, ListedStream stream, TextWriter to)
    {
        to.WriteLine($"    # {ListingText.Of(stream.Profile)}{(stream.Lacks is { } lacks ? $"; its {lacks} is below the model's" : "")}");
        if (SafeUri.Of(stream.Profile.Address) != stream.Profile.Address)
        {
            to.WriteLine("    # the camera's own address holds a secret: put it back where *** stands");
        }

        to.WriteLine($"    url: {Quoted(Url(stream.Profile))}");
        if ((camera.Name ?? camera.Model) is { Length: > 0 } name)
        {
            to.WriteLine($"    name: {Quoted(Dollars(name[..Math.Min(name.Length, LongestName)]))}");
        }

        if (camera.HasEvents)
        {
            to.WriteLine($"    onvif: {Quoted(Dollars(camera.Address))}");
        }
    }

    private static string Key(ListedCamera camera, HashSet<string> taken)
    {
        var stem = Slug.Of(camera.Name ?? camera.Model ?? "") is { Length: > 0 } slug ? slug[..Math.Min(slug.Length, 56)] : "camera";
        var key = stem;
        for (var i = 2; !taken.Add(key); i++)
        {
            key = $"{stem}_{i}";
        }

        return key;
    }

    private static string Dollars(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    // JSON's quoted text is YAML's too.
    private static string Quoted(string text) => JsonSerializer.Serialize(text, Plain);
}
