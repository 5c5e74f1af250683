namespace ActionStream.Core.Media;

/// <summary>Looks over a camera's shoulder: sees every frame that was read, and may keep a share of it.</summary>
/// <remarks>Called on the camera's own task: be quick, do not throw.</remarks>
public interface IFrameWatcher
{
    /// <param name="frame">Stays the camera's; what is kept is shared.</param>
    void OnFrame(string stream, in Frame frame);
}
