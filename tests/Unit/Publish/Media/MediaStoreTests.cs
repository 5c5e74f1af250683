using ActionStream.Publish.Media;

namespace ActionStream.Unit.Publish.Media;

public sealed class MediaStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("pictures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MediaStore Open(long most = 1000) => new(_folder, TimeSpan.FromDays(1), most);

    private static string Name(int number) => $"front-20260101T101502.{number:000}Z-7f3a.jpg";

    private static bool Serves(MediaStore store, string camera, string file)
    {
        using var opened = store.Open(camera, file);
        return opened is not null;
    }

    private string[] Files() => [
        .. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file)).Order()];

    [Fact]
    public void The_oldest_go_when_there_are_too_many_bytes()
    {
        var store = Open(most: 1000);
        for (var i = 0; i < 10; i++)
        {
            store.Save("front", Name(i), new byte[300], Noon.AddMinutes(i));
        }

        Assert.Equal((3, 900L), (store.Count, store.Bytes));
        Assert.Equal([$"front/{Name(7)}", $"front/{Name(8)}", $"front/{Name(9)}"], Files());
        Assert.False(Serves(store, "front", Name(6)));
        Assert.True(Serves(store, "front", Name(7)));
    }

    [Fact]
    public void What_is_too_old_goes_also_after_a_restart_and_what_is_written_again_is_young()
    {
        Open().Save("front", Name(1), new byte[10], Noon);
        Open().Save("front", Name(2), new byte[10], Noon);
        var store = Open();
        Assert.Equal((2, 20L), (store.Count, store.Bytes));
        store.Save("front", Name(1), new byte[30], Noon.AddHours(20));
        Assert.Equal((2, 40L), (store.Count, store.Bytes));
        store.Trim(Noon.AddHours(25));
        Assert.Equal([$"front/{Name(1)}"], Files());
        Assert.Equal(30, store.Bytes);
    }

    [Fact]
    public void Clips_count_and_go_like_pictures_and_what_was_half_written_when_a_former_life_died_is_removed()
    {
        var clip = Name(5).Replace(".jpg", ".mp4", StringComparison.Ordinal);
        var store = Open(most: 1000);
        File.WriteAllBytes(store.PartOf("front", clip), new byte[600]);
        Assert.False(Serves(store, "front", clip));
        store.Adopt("front", clip, Noon);
        Assert.Equal((1, 600L), (store.Count, store.Bytes));
        Assert.True(Serves(store, "front", clip));

        File.WriteAllBytes(store.PartOf("front", clip), new byte[700]);
        File.WriteAllText(Path.Combine(_folder, "front", "holiday.mp4.part"), "");
        store = Open(most: 1000);
        Assert.Equal((1, 600L), (store.Count, store.Bytes));
        Assert.Equal([$"front/{clip}", "front/holiday.mp4.part"], Files());

        store.Save("front", Name(1), new byte[500], Noon.AddMinutes(1));
        Assert.Equal((1, 500L), (store.Count, store.Bytes));
    }

    [Fact]
    public void Files_of_other_people_are_neither_counted_nor_served_nor_removed()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "front"));
        File.WriteAllBytes(Path.Combine(_folder, "holiday.jpg"), new byte[5000]);
        File.WriteAllBytes(Path.Combine(_folder, "front", "holiday.jpg"), new byte[5000]);
        var store = Open();
        store.Trim(Noon.AddYears(50));
        Assert.Equal((0, 0L), (store.Count, store.Bytes));
        Assert.False(Serves(store, "front", "holiday.jpg"));
        Assert.Equal(["front/holiday.jpg", "holiday.jpg"], Files());
    }

    [Theory]
    [InlineData("..", "front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front", "../front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front/..", "front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front", "front-20260101T101502.001Z-7f3a.jpg\n")]
    [InlineData("", "front-20260101T101502.001Z-7f3a.jpg")]
    public void No_name_leads_out_of_the_folder(string camera, string file)
    {
        var store = Open();
        store.Save("front", Name(1), new byte[10], Noon);
        Assert.False(Serves(store, camera, file));
        Assert.Throws<ArgumentException>(() => store.Save(camera, file, new byte[1], Noon));
    }

    [Fact]
    public void A_link_with_one_of_our_names_is_neither_counted_nor_served_nor_written_through_nor_removed()
    {
        var secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, "secret");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, Name(1)), "secret");
        Directory.CreateDirectory(Path.Combine(_folder, "front"));
        File.CreateSymbolicLink(Path.Combine(_folder, "front", Name(1)), secret);
        File.CreateSymbolicLink(Path.Combine(_folder, "front", Name(2) + ".part"), secret);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "back"), elsewhere);
        var store = Open();
        Assert.Equal(1, store.Count); // that in elsewhere itself
        Assert.False(Serves(store, "front", Name(1)));
        Assert.False(Serves(store, "back", Name(1)));

        store.Save("front", Name(2), new byte[10], Noon);
        Assert.Throws<UnauthorizedAccessException>(() => store.Save("back", Name(3), new byte[10], Noon));
        Assert.Equal("secret", File.ReadAllText(secret));
        Assert.False(File.Exists(Path.Combine(elsewhere, Name(3))));

        // Put in its place while it runs.
        Assert.True(Serves(store, "front", Name(2)));
        File.Delete(Path.Combine(_folder, "front", Name(2)));
        File.CreateSymbolicLink(Path.Combine(_folder, "front", Name(2)), secret);
        Assert.False(Serves(store, "front", Name(2)));
        Directory.Move(Path.Combine(_folder, "front"), Path.Combine(_folder, "away"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "front"), elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, Name(2)), "secret");
        Assert.False(Serves(store, "front", Name(2)));

        Directory.Delete(Path.Combine(_folder, "front"));
        Directory.Move(Path.Combine(_folder, "away"), Path.Combine(_folder, "front"));
        store.Trim(Noon.AddYears(50));
        Assert.Equal("secret", File.ReadAllText(secret));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_problem_and_no_reason_to_stop()
    {
        var store = new MediaStore(Path.Combine(_folder, "file", "below"), TimeSpan.FromDays(1), 1000);
        Assert.Null(store.Problem);
        File.WriteAllText(Path.Combine(_folder, "taken"), "");
        store = new(Path.Combine(_folder, "taken"), TimeSpan.FromDays(1), 1000);
        Assert.NotNull(store.Problem);
        Assert.ThrowsAny<IOException>(() => store.Save("front", Name(1), new byte[10], Noon));
        File.Delete(Path.Combine(_folder, "taken"));
        store.Save("front", Name(1), new byte[10], Noon);
        Assert.Null(store.Problem);
        Assert.True(Serves(store, "front", Name(1)));
    }

    [Fact]
    public void A_camera_whose_folder_is_forbidden_is_a_problem_and_no_other_camera_s()
    {
        // A folder in which nobody may make a file, not even root.
        var store = new MediaStore("/dev", TimeSpan.FromDays(1), 1000);
        Assert.Null(store.Problem);
        Assert.Throws<UnauthorizedAccessException>(() => store.Save("pts", Name(1), new byte[10], Noon));
        Assert.Contains("/dev/pts", store.Problem, StringComparison.Ordinal);
        Assert.Equal((store.Problem, null), (store.ProblemOf("pts"), store.ProblemOf("front")));
        store.Dismiss("pts");
        Assert.Null(store.Problem);
    }

    [Fact]
    public void An_old_file_that_cannot_be_removed_keeps_no_younger_one_and_fails_no_new_one()
    {
        var store = Open(most: 1000);
        store.Save("front", Name(1), new byte[300], Noon);
        var stuck = Path.Combine(_folder, "front", Name(1));
        File.Delete(stuck);
        Directory.CreateDirectory(stuck); // which no file's removal removes
        for (var i = 2; i < 10; i++)
        {
            store.Save("front", Name(i), new byte[300], Noon.AddMinutes(i));
        }

        Assert.Equal([$"front/{Name(8)}", $"front/{Name(9)}"], Files());
        Assert.Equal((3, 900L), (store.Count, store.Bytes)); // it counts as long as it is there
        Assert.Null(store.ProblemOf("front"));
        Assert.NotNull(store.Problem);

        Assert.NotNull(store.Trim(Noon.AddDays(2)));
        Assert.Empty(Files());
        Directory.Delete(stuck);
        Assert.Null(store.Trim(Noon.AddDays(2)));
        Assert.Equal((0, null), (store.Count, store.Problem));
    }
}
