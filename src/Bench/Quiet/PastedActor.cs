using ActionStream.Core.Media;

namespace ActionStream.Bench.Quiet;

/// <summary>A clip that is pasted into the scene: its first frame stands there until the action begins, or it fades in.</summary>
internal sealed class PastedActor(IReadOnlyList<YuvFrame> frames, (int X, int Y) place, int fadeFrames) : IActor
{
    public int Frames => frames.Count + fadeFrames;

    public void Draw(YuvFrame scene, int frame)
    {
        var weight = fadeFrames == 0 ? 256 : Math.Clamp(256 * (frame + 1) / fadeFrames, 0, 256);
        if (weight > 0)
        {
            scene.Paste(frames[Math.Clamp(frame - fadeFrames / 2, 0, frames.Count - 1)], place.X, place.Y, weight);
        }
    }

    /// <summary>Size of a clip that is to be so high, with even sides, within the scene.</summary>
    public static FrameSize SizeIn(FrameSize scene, double reach, double aspect)
    {
        var height = Math.Clamp(reach * scene.Height, 24, scene.Height);
        var width = height * aspect;
        if (width > scene.Width)
        {
            (width, height) = (scene.Width, scene.Width / aspect);
        }

        return new((int)width & ~1, Math.Min((int)height, scene.Height) & ~1);
    }
}
