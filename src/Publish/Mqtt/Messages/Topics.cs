using ActionStream.Core.Configuration;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>Where each kind of message goes. Names pass through <see cref="Slug"/>, so none can reach into another's topic.</summary>
public sealed class Topics(string prefix, string node)
{
    private readonly string _node = $"{prefix}/{Slug.Of(node)}";

    /// <summary>`online` or `offline`; also the will.</summary>
    public string NodeStatus => $"{_node}/status";

    public string NodeInfo => $"{_node}/info";

    public string NodeStats => $"{_node}/stats";

    public string CameraStatus(string camera) => $"{Camera(camera)}/status";

    public string Events(string camera) => $"{Camera(camera)}/events";

    /// <summary>Clips of events as they become ready.</summary>
    public string Recordings(string camera) => $"{Camera(camera)}/recordings";

    public string Scores(string camera) => $"{Camera(camera)}/scores";

    /// <param name="classSlug">One of <see cref="ClassSlugs"/>.</param>
    public string State(string camera, string classSlug) => $"{Camera(camera)}/action/{classSlug}/state";

    /// <summary>ON or OFF: whether the camera's frames are looked at.</summary>
    public string Enabled(string camera) => $"{Camera(camera)}/enabled/state";

    public string EnabledSet(string camera) => $"{Camera(camera)}/enabled/set";

    /// <summary>The score from which a class is detected.</summary>
    public string Threshold(string camera, string classSlug) => $"{Camera(camera)}/threshold/{classSlug}/state";

    public string ThresholdSet(string camera, string classSlug) => $"{Camera(camera)}/threshold/{classSlug}/set";

    /// <summary>The camera's latest snapshot.</summary>
    public string Snapshot(string camera) => $"{Camera(camera)}/snapshot";

    public string SnapshotSet(string camera) => $"{Camera(camera)}/snapshot/set";

    /// <summary>Seconds for which the camera is to stay awake.</summary>
    public string WakeSet(string camera) => $"{Camera(camera)}/wake/set";

    /// <summary>Everything of one camera.</summary>
    public string All(string camera) => $"{Camera(camera)}/#";

    /// <summary>What people ask of cameras, whichever node they belong to.</summary>
    public IEnumerable<string> AllCommands =>
        [$"{prefix}/+/enabled/set", $"{prefix}/+/threshold/+/set", $"{prefix}/+/snapshot/set", $"{prefix}/+/wake/set"];

    /// <summary>The levels behind the prefix: camera first.</summary>
    public string[] LevelsOf(string topic) => topic[(prefix.Length + 1)..].Split('/');

    public string Snapshot(string camera, string classSlug) => $"{Camera(camera)}/action/{classSlug}/snapshot";

    /// <summary>The same by label, for one whose model may change meanwhile.</summary>
    public static Dictionary<string, string> SlugsByLabel(IReadOnlyList<string> labels) =>
        labels.Zip(ClassSlugs(labels)).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);

    /// <summary>A slug for each label, no two alike, the same for the same labels.</summary>
    public static IReadOnlyList<string> ClassSlugs(IReadOnlyList<string> labels)
    {
        var slugs = new string[labels.Count];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < slugs.Length; i++)
        {
            var slug = Slug.Of(labels[i]) is { Length: > 0 } word ? word : $"class_{i}";
            slugs[i] = taken.Add(slug) ? slug : $"{slug}_{i}";
            taken.Add(slugs[i]);
        }

        return slugs;
    }

    /// <summary>True for one or more levels that messages can be published below.</summary>
    internal static bool IsTopic(string text) =>
        text.Length is > 0 and <= 128 && !text.StartsWith('/') && !text.EndsWith('/') && !text.StartsWith('$')
        && !text.Any(letter => letter is '+' or '#' || char.IsControl(letter) || char.IsSurrogate(letter));

    /// <summary>Reports names that would meet on one topic, or that no topic can carry.</summary>
    /// <param name="check">At the section that lists the cameras.</param>
    public static void CheckNames(ConfigCheck check, string node, IReadOnlyCollection<string> cameras)
    {
        foreach (var camera in cameras)
        {
            if (!Slug.IsSlug(camera))
            {
                check.AtKey(camera).Report(
                    "is not a name for topics; "
                    + $"expected a-z, 0-9, _ and -{(Slug.Of(camera) is { Length: > 0 } slug ? $", such as {slug}" : "")}");
            }
            else if (camera == Slug.Of(node))
            {
                check.AtKey(camera).Report("is also the node's name, and both would publish on one topic; rename one");
            }
        }
    }

    private string Camera(string camera) => $"{prefix}/{Slug.Of(camera)}";
}
