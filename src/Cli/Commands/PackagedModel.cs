using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;

namespace ActionStream.Cli.Commands;

/// <summary>What the model that is there wants of a camera; without one, what most of ours want.</summary>
internal static class PackagedModel
{
    public static ModelInput Input()
    {
        try
        {
            return CardFile.Load(ModelFolder.Resolve(ModelFolder.Default)).Input;
        }
        catch (ConfigException)
        {
            return new ModelInput { Frames = 16, Interval = TimeSpan.FromMilliseconds(125), Height = 224, Width = 224 };
        }
    }
}
